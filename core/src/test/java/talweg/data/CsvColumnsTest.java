package talweg.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import talweg.data.CsvOptions.Missing;
import talweg.error.DataFormatException;

/** Columns that are left out, have one name, or lack values. */
class CsvColumnsTest {
  private static final CsvOptions DEFAULTS = CsvOptions.defaults();

  @TempDir Path folder;

  private Path file(String text) {
    return TestFiles.write(folder.resolve("t.csv"), text);
  }

  private TableEncoding train(String text, CsvOptions options) {
    TableEncoding encoding = Csv.split(file(text), options, 0.8, 1).encoding();
    TableEncoding read = (TableEncoding) Preprocessing.fromJson(encoding.toJson());
    assertEquals(encoding, read);
    return read;
  }

  private static void refuses(Runnable call, String... parts) {
    String message = assertThrows(DataFormatException.class, call::run).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), part + " in: " + message);
    }
  }

  private static String rows(String header, int n) {
    return IntStream.range(0, n)
        .mapToObj(i -> "id%d,%d,%d.5,%d\n".formatted(i, i, i % 7, i * 3 + 1))
        .collect(Collectors.joining("", header, ""));
  }

  @Test
  void columnsAreLeftOutByNameOrNumberAndMayBeMissingLater() {
    for (Set<String> columns : List.of(Set.of("key", "z"), Set.of("1", "z"), Set.of("-4", "3"))) {
      TableEncoding encoding =
          train(rows("key,x,z,y\n", 300), DEFAULTS.ignored(columns).maxCategories(100));
      assertEquals(List.of("x"), encoding.featureNames());
      float[] expected = encoding.load(file("x,y\n7,1\n")).features();
      assertArrayEquals(expected, encoding.load(file("key,x,z,y\nq,7,?,1\n")).features());
      assertArrayEquals(expected, encoding.inputs(file("z,x\n,7\n")).x());
      refuses(() -> encoding.load(file("x,y,w\n7,1,2\n")), "also \"w\"");
    }
    refuses(
        () -> train(rows("key,x,z,y\n", 300), DEFAULTS),
        "CsvOptions.ignored(\"key\")",
        "CsvOptions.maxCategories(240)");
  }

  @Test
  void withoutAHeaderColumnsAreLeftOutByPosition() {
    TableEncoding encoding = train(rows("", 60), DEFAULTS.ignored(Set.of("1")));
    float[] expected = encoding.load(file("a,7,1.5,2\n")).features();
    assertEquals(2, expected.length);
    assertArrayEquals(expected, encoding.inputs(file("b,7,1.5\n")).x());
    refuses(() -> encoding.inputs(file("7,1.5\n")), "2 columns");
    TableEncoding first = train(rows("", 60), DEFAULTS.ignored(Set.of("1", "3")).target("2"));
    assertArrayEquals(
        first.load(file("a,7,1.5,2\n")).features(), first.inputs(file("b,1.5,2\n")).x());
  }

  @Test
  void theTargetAndAllFeaturesStay() {
    refuses(() -> train(rows("key,x,z,y\n", 60), DEFAULTS.ignored(Set.of("y"))), "left out");
    refuses(
        () -> train(rows("key,x,z,y\n", 60), DEFAULTS.ignored(Set.of("1", "2", "3"))),
        "besides the target");
    refuses(
        () -> train(rows("key,x,z,y\n", 60), DEFAULTS.ignored(Set.of("w"))),
        "ignored column \"w\"");
  }

  @Test
  void twoColumnsWithOneNameAreNeverTakenByPlace() {
    refuses(
        () -> train(rows("k,x,x,y\n", 60), DEFAULTS.ignored(Set.of("k"))),
        "\"x\" twice, as column 2 and 3",
        "rename");
    refuses(() -> train(rows("k,x,y,y\n", 60), DEFAULTS.target("3")), "\"y\" twice");
    // Two that are left out do no harm.
    TableEncoding encoding = train(rows("k,x,k,y\n", 60), DEFAULTS.ignored(Set.of("1", "3")));
    float[] expected = encoding.load(file("x,y\n7,1\n")).features();
    assertArrayEquals(expected, encoding.load(file("k,k,x,y\n1,2,7,1\n")).features());
    refuses(() -> encoding.load(file("x,x,y\n7,7,1\n")), "2 columns \"x\"");
    refuses(() -> encoding.load(file("x,y,y\n7,1,1\n")), "2 columns \"y\"");
    assertEquals(1, encoding.inputs(file("x,y,y\n7,1,1\n")).size());
  }

  /** A model of an older version may have them. */
  @Test
  void aModelOfTwoColumnsWithOneNameIsRefused() {
    String json = train(rows("a,x,z,y\n", 60), DEFAULTS.ignored(Set.of("a"))).toJson();
    Preprocessing old = Preprocessing.fromJson(json.replace("\"name\":\"z\"", "\"name\":\"x\""));
    refuses(() -> old.load(file("a,x,x,y\na,1,2,3\n")), "2 columns \"x\"");
    refuses(() -> old.load(file("a,x,y\na,1,3\n")), "trained with several columns \"x\"");
  }

  @Test
  void rowsWithoutATargetAreAnsweredAndCounted() {
    TableEncoding encoding =
        train(rows("k,x,z,y\n", 60), DEFAULTS.ignored(Set.of("k")).missing(Missing.DROP));
    Path file = file("x,z,y\n1,2,NA\n2,3,\n,4,5\n3,6,7\n");
    assertEquals(List.of("line 2", "line 3", "line 5"), encoding.inputs(file).names());
    assertEquals(1, encoding.load(file).size());
    assertEquals(new LeftOut(1, 4, List.of(4L)), encoding.leftOut(file, false));
    assertEquals(new LeftOut(3, 4, List.of(2L, 3L, 4L)), encoding.leftOut(file, true));
    // What is left out of each row does not matter.
    assertEquals(1, encoding.load(file("k,x,z,y\n,1,2,3\n")).size());
  }

  @Test
  void columnsWithoutAnyValueAreNamedTogether() {
    String text = "a,b,c,y\n1,,NA,1.5\n2,,?,2\n3,,,3\n";
    refuses(
        () -> Csv.load(file(text), DEFAULTS.missing(Missing.DROP)),
        "column 2 (\"b\")",
        "1 more",
        "CsvOptions.ignored(\"b,c\")");
    assertEquals(3, Csv.load(file(text), DEFAULTS.ignored(Set.of("b", "c"))).size());
  }

  @Test
  void aModeIsAskedOnlyOfColumnsThatLackValues() {
    String text =
        IntStream.range(0, 1300)
            .mapToObj(i -> "%d.25,%s,%d\n".formatted(i, i == 3 ? "" : "k" + i % 2, i))
            .collect(Collectors.joining("", "x,c,y\n", ""));
    TableEncoding encoding = train(text, DEFAULTS.missing(Missing.MODE));
    assertEquals(3, encoding.featureNames().size());
    assertEquals(1, encoding.load(file("x,c,y\n1,,2\n")).size());
    refuses(
        () -> encoding.load(file("x,c,y\n,k1,2\n")),
        "line 2, column 1 (\"x\")",
        "CsvOptions.missing(MEAN)");
  }

  @Test
  void unknownCategoriesAreCounted() {
    String text =
        IntStream.range(0, 50)
            .mapToObj(i -> "%s,%d.5\n".formatted("c" + i % 2, i))
            .collect(Collectors.joining("", "c,y\n", ""));
    TableEncoding encoding = train(text, DEFAULTS);
    refuses(
        () -> encoding.load(file("c,y\nc1,1\nq,2\nc0,3\nr,4\nq,5\n")),
        "line 3, column 1 (\"c\")",
        "\"q\", one of 3 cells",
        "CsvOptions.unknown(ZEROS)",
        "CsvOptions.ignored(\"c\")");
    refuses(() -> encoding.load(file("c,y\nc1,1\nq,2\n")), "got \"q\"; correct");
  }

  @Test
  void quotedCellsWithAnotherDelimiterAreToldSo() {
    refuses(() -> Csv.load(file("\"x\";\"y\"\n1;\"a\"\n")), "CsvOptions.delimiter(';')");
    refuses(() -> Csv.load(file("\"x\"\t\"y\"\n1\t2\n")), "CsvOptions.delimiter('\\t')");
    refuses(() -> Csv.load(file("# made today\nx,y\n1,2\n")), "remove lines of comment");
    refuses(() -> Csv.load(file("x,y\n1,2\n# the end\n")), "remove lines of comment");
  }
}
