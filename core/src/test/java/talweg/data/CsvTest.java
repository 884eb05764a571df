package talweg.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.data.CsvOptions.Header;
import talweg.data.CsvOptions.Missing;
import talweg.error.DataFormatException;
import talweg.error.InputNotFoundException;

class CsvTest {
  private static final CsvOptions DEFAULTS = CsvOptions.defaults();

  @TempDir Path folder;

  private Dataset load(String text) {
    return load(text, DEFAULTS);
  }

  private Dataset load(String text, CsvOptions options) {
    return Csv.load(TestFiles.write(folder.resolve("t.csv"), text), options);
  }

  private CsvSplit split(String text, CsvOptions options) {
    return Csv.split(TestFiles.write(folder.resolve("s.csv"), text), options, 0.8, 1);
  }

  private void refuses(String text, CsvOptions options, String... parts) {
    Path file = TestFiles.write(folder.resolve("t.csv"), text);
    String message =
        assertThrows(DataFormatException.class, () -> Csv.load(file, options)).getMessage();
    assertTrue(message.startsWith(file + ": "), message);
    for (String part : parts) {
      assertTrue(message.contains(part), part + " in: " + message);
    }
  }

  /** So many rows {@code i,i+0.5,label} with labels that take turns. */
  private static String rows(int n, String... labels) {
    return IntStream.range(0, n)
        .mapToObj(i -> i + "," + (i + 0.5) + "," + labels[i % labels.length] + "\n")
        .collect(Collectors.joining());
  }

  @Test
  void readsNumbersAndClassNames() {
    Dataset data = load("w,h,kind\n1,2.5,cat\n-3,4e1,ant\n5,.5,cat\n");
    assertEquals("t: 3 examples [2], 2 classes", data.toString());
    assertEquals(List.of("w", "h"), data.featureNames());
    assertEquals(List.of("ant", "cat"), data.classNames());
    assertArrayEquals(new int[] {1, 0, 1}, data.labels());
    assertArrayEquals(new float[] {1, 2.5f, -3, 40, 5, .5f}, data.features());
  }

  @Test
  void readsGzipWithMarkQuotesAndBlankLines() {
    String text = "\ufeff\"a,b\",\"y\"\r\n\r\n1,2.5\r\n\"3\",4.5\r\n\r\n";
    byte[] packed = TestFiles.gzip(text.getBytes(StandardCharsets.UTF_8));
    Dataset data = Csv.load(TestFiles.write(folder.resolve("some.CSV.gz"), packed));
    assertEquals("some", data.name());
    assertEquals(List.of("a,b"), data.featureNames());
    assertEquals(List.of("y"), data.targetNames());
    assertArrayEquals(new float[] {1, 3}, data.features());
    assertArrayEquals(new float[] {2.5f, 4.5f}, data.targets());
  }

  @Test
  void findsTheTargetByNameOrNumber() {
    String text = "a,b,c\n1,2,3.5\n4,5,6.5\n";
    float[] b = {2, 5};
    for (String column : List.of("b", "2", "-2")) {
      Dataset data = load(text, DEFAULTS.target(column));
      assertEquals(List.of("b"), data.targetNames());
      assertEquals(List.of("a", "c"), data.featureNames());
      assertArrayEquals(b, data.targets());
      assertArrayEquals(new float[] {1, 3.5f, 4, 6.5f}, data.features());
    }
    for (String column : List.of("B", "0", "4", "-4", "", "99999999999")) {
      refuses(text, DEFAULTS.target(column), "target column", "\"a\", \"b\", \"c\"");
    }
    refuses("a,a,c\n1,2,3\n", DEFAULTS.target("a"), "one column \"a\"", "by its number");
    refuses("a,a,c\n1,2,3\n", DEFAULTS, "\"a\" twice, as column 1 and 2");
  }

  @Test
  void aHeaderIsWordsAboveNumbers() {
    assertEquals(2, load("x,y\n1,2\n3,4\n").size());
    assertEquals(3, load("0,1\n1,2\n3,4\n").size());
    assertEquals(List.of("column 1"), load("0,1\n1,2\n3,4\n").featureNames());
    assertEquals(2, load("x,y,name\n1,2,a\n3,4,b\n").size());
    // A year as a name does not outvote two words.
    assertEquals(List.of("x", "2020"), load("x,2020,y\n1,2,3\n3,4,5\n").featureNames());
    // One wrong cell does not make a header of an example.
    refuses("1,2,1O\n3,4,5\n6,7,8\n", DEFAULTS, "line 1, column 3", "\"1O\"");
    assertEquals(List.of("column 1", "x"), load(",x,y\n0,1,2\n1,3,4\n").featureNames());
  }

  @Test
  void aHeaderOverWordsOnlyIsOneThatDoesNotOccurAgain() {
    Dataset data = load("color,kind\nred,a\nblue,b\nred,b\n");
    assertEquals(3, data.size());
    assertEquals(List.of("color=blue", "color=red"), data.featureNames());
    assertEquals(4, load("red,a\nred,a\nblue,b\nred,b\n").size());
  }

  @Test
  void headersCanBeTold() {
    assertEquals(1, load("1,2\n3,4.5\n", DEFAULTS.header(Header.PRESENT)).size());
    Dataset words = load("a,b\nc,d\na,d\n", DEFAULTS.header(Header.ABSENT));
    assertEquals(3, words.size());
    refuses("a,b\n", DEFAULTS.header(Header.PRESENT), "line 2", "examples below the header");
    refuses("a,b\n1,2\n", DEFAULTS.header(Header.ABSENT).task(Task.REGRESS), "line 1", "\"b\"");
  }

  @Test
  void aCountsLineGivesTheClassNames() {
    Dataset wide = load("6,2,no,yes\n" + rows(6, "0", "1"));
    assertEquals("t: 6 examples [2], 2 classes", wide.toString());
    assertEquals(List.of("no", "yes"), wide.classNames());
    assertArrayEquals(new int[] {0, 1, 0, 1, 0, 1}, wide.labels());
    // As in iris.csv, where it has as many cells as the rows; class 1 does not occur here.
    Dataset same = load("2,4,a,b,c\n1,2,3,4,0\n5,6,7,8,2\n");
    assertEquals(List.of("a", "b", "c"), same.classNames());
    assertArrayEquals(new int[] {0, 2}, same.labels());
    assertEquals(4, same.featureCount());
  }

  @Test
  void aCountsLineIsCheckedAndCanBeOverruled() {
    String text = "6,2,no,yes\n" + rows(6, "0", "1");
    refuses(text + "7,8,0\n", DEFAULTS, "line 1, column 1", "follow, 7, got 6", "cut or edited");
    refuses("6,2,no,yes\n" + rows(6, "0", "2"), DEFAULTS, "line 3, column 3", "got \"2\"");
    assertFalse(load(text, DEFAULTS.task(Task.REGRESS)).isClassification());
    assertFalse(load(text, DEFAULTS.target("1")).isClassification());
    refuses(text, DEFAULTS.header(Header.ABSENT), "line 2: expected 4 cells as in line 1, got 3");
    // The count of features is wrong, so that this is no counts line but a short row.
    refuses("6,3,no,yes\n" + rows(6, "0", "1"), DEFAULTS, "line 2", "expected 4 cells");
    assertEquals(3, load("1,4,6,8,9.5\n2,4,6,8,9\n3,4,6,8,7\n").size());
    // No two classes have one name; found by a damaged input.
    refuses("6,2,no,y,no,yes\n" + rows(6, "0", "1"), DEFAULTS, "line 2: expected 6 cells");
    // Words in later rows: an example, not a counts line.
    assertEquals(3, load("1,4,x,y,no\n2,4,x,z,yes\n3,4,x,z,no\n").size());
  }

  @Test
  void fewIntegersAreClassesOtherNumbersAreNot() {
    assertEquals(List.of("-1", "2", "10"), load(rows(15, "10", "2", "-1.0")).classNames());
    assertFalse(load(rows(14, "10", "2", "-1")).isClassification());
    assertFalse(load(rows(100, "1", "2.5")).isClassification());
    assertFalse(load(rows(100, "1")).isClassification());
    String[] many = IntStream.range(0, 21).mapToObj(Integer::toString).toArray(String[]::new);
    assertFalse(load(rows(210, many)).isClassification());
    assertEquals(20, load(rows(200, Arrays.copyOf(many, 20))).numClasses());
  }

  @Test
  void messagesNameAFewClassesOnly() {
    String[] many = IntStream.range(0, 12).mapToObj(i -> "k" + i).toArray(String[]::new);
    Dataset data = load(rows(24, many));
    assertEquals(12, data.numClasses());
    TableEncoding encoding = split(rows(120, many), DEFAULTS).encoding();
    Path other = TestFiles.write(folder.resolve("o.csv"), rows(12, "z"));
    String message =
        assertThrows(DataFormatException.class, () -> encoding.load(other)).getMessage();
    assertTrue(
        message.contains("one of the 12 classes") && message.contains("\"k5\", ..."), message);
  }

  @Test
  void theTaskCanBeTold() {
    assertEquals(2, load(rows(4, "1", "2"), DEFAULTS.task(Task.CLASSIFY)).numClasses());
    assertEquals(
        List.of("0.5", "1.5"),
        load(rows(4, "1.5", "0.5"), DEFAULTS.task(Task.CLASSIFY)).classNames());
    assertFalse(load(rows(100, "1", "2"), DEFAULTS.task(Task.REGRESS)).isClassification());
    refuses(rows(4, "a", "b"), DEFAULTS.task(Task.REGRESS), "line 1, column 3", "CLASSIFY");
    refuses(rows(4, "a"), DEFAULTS, "column 3", "2 to 1000 classes, got only \"a\"");
    String[] many = IntStream.range(0, 1001).mapToObj(i -> "k" + i).toArray(String[]::new);
    refuses(rows(2002, many), DEFAULTS, "2 to 1000 classes, got more");
  }

  @Test
  void wordsBecomeIndicators() {
    Dataset data = load("c,x,y\nred,1,1.5\nblue,2,2.5\nred,3,3.5\n");
    assertEquals(List.of("c=blue", "c=red", "x"), data.featureNames());
    assertArrayEquals(new float[] {0, 1, 1, 1, 0, 2, 0, 1, 3}, data.features());
    Dataset told = load("c,x,y\n7,1,1.5\n3,2,2.5\n", DEFAULTS.categorical(Set.of("c", "x")));
    assertEquals(List.of("c=3", "c=7", "x=1", "x=2"), told.featureNames());
    assertArrayEquals(new float[] {0, 1, 1, 0, 1, 0, 0, 1}, told.features());
    refuses("c,y\n1,2\n", DEFAULTS.categorical(Set.of("d")), "categorical column \"d\"");
  }

  @Test
  void refusesTooManyCategoriesAndStrayWords() {
    String ids =
        IntStream.range(0, 5)
            .mapToObj(i -> "id" + i + "," + i + "\n")
            .collect(Collectors.joining());
    assertEquals(5, load("k,y\n" + ids, DEFAULTS.maxCategories(5)).featureCount());
    refuses("k,y\n" + ids, DEFAULTS.maxCategories(4), "line 6, column 1 (\"k\")", "\"id4\"");
    refuses("x,y\n1,1\n2,2\nthree,3\n", DEFAULTS, "line 4, column 1 (\"x\")", "\"three\"");
    refuses("x,y\n1,1\n2,2\ninf,3\n", DEFAULTS, "line 4", "\"inf\"");
    refuses("x,y\n1,1\n2,2\n1e39,3\n", DEFAULTS, "line 4", "3.4e38", "\"1e39\"");
    refuses("x,y\n1,1\n2,1e39\n", DEFAULTS, "line 3, column 2", "3.4e38");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "NA", "?", "nan", "NaN", "\"\""})
  void refusesMissingValuesUnlessTold(String cell) {
    String text = "x,z,y\n1,5,1.5\n3," + cell + ",2.5\n" + cell + ",7,3.5\n";
    refuses(text, DEFAULTS, "line 3, column 2 (\"z\")", "2 missing cells", "MEAN");
    Dataset filled = load(text, DEFAULTS.missing(Missing.MEAN));
    assertArrayEquals(new float[] {1, 5, 3, 6, 2, 7}, filled.features());
    Dataset dropped = load(text, DEFAULTS.missing(Missing.DROP));
    assertArrayEquals(new float[] {1, 5}, dropped.features());
    refuses(
        "x,y\n," + cell + "\n",
        DEFAULTS.header(Header.PRESENT).missing(Missing.DROP),
        "none in any row");
    String target = "x,y\n1,1.5\n3," + cell + "\n";
    refuses(target, DEFAULTS.missing(Missing.MEAN), "line 3, column 2 (\"y\")", "to predict");
  }

  @Test
  void missingCategoriesBecomeShares() {
    Dataset data = load("c,y\nb,1.5\na,2\nb,3\nb,4\n?,5\n", DEFAULTS.missing(Missing.MEAN));
    assertArrayEquals(new float[] {.25f, .75f}, data.features(4));
    refuses("c,y\n?,1.5\n?,2\n", DEFAULTS.missing(Missing.MEAN), "column 1", "none in any row");
  }

  @Test
  void missingValuesBecomeTheMostFrequentOne() {
    CsvOptions mode = DEFAULTS.missing(Missing.MODE);
    Dataset data = load("c,x,y\nb,7,1.5\na,3,2\nb,3,3\na,7,4\n?,?,5\n", mode);
    // Of two that are as frequent, the first in order.
    assertArrayEquals(new float[] {1, 0, 3}, data.features(4));
    String many =
        IntStream.range(0, 1001).mapToObj(i -> i + ".5,1\n").collect(Collectors.joining());
    refuses("x,y\n" + many + "?,2\n", mode, "column 1 (\"x\")", "more than 1000", "MEAN");
  }

  @Test
  void droppedRowsTakeTheirTargetsWithThem() {
    Dataset data = load("x,y\n1,a\n?,b\n3,?\n4,c\n", DEFAULTS.missing(Missing.DROP));
    assertArrayEquals(new float[] {1, 4}, data.features());
    assertArrayEquals(new int[] {0, 2}, data.labels());
  }

  @Test
  void refusesRaggedRows() {
    refuses("a,b\n1,2\n\n\"3\n\",4,5\n", DEFAULTS, "line 4: expected 2 cells as in line 1, got 3");
    refuses("a,b\n1,2\n3\n", DEFAULTS, "line 3: expected 2 cells as in line 1, got 1");
    refuses("2,2,u,v\n1,2,0\n3,4\n", DEFAULTS, "line 3: expected 3 cells as in line 2, got 2");
  }

  @Test
  void refusesWhatIsNoTable() {
    refuses("", DEFAULTS, "line 1", "an empty file");
    refuses("\n\n", DEFAULTS, "an empty file");
    refuses("just text\nmore\n", DEFAULTS, "at least 2 columns", "check that this is a table");
    refuses("a;b\n1;2\n", DEFAULTS, "is the delimiter \";\"?");
    assertEquals(1, load("a;b\n1;2,5\n", DEFAULTS.delimiter(';').target("a")).size());
    refuses(rows(100, "1.5"), DEFAULTS.maxBytes(99), "byte 99", "CsvOptions.maxBytes");
  }

  @Test
  void refusesImpossibleOptions() {
    assertThrows(IllegalArgumentException.class, () -> DEFAULTS.maxCategories(0));
    assertThrows(IllegalArgumentException.class, () -> DEFAULTS.maxBytes(0));
    for (char delimiter : "\"\n\r \0é".toCharArray()) {
      assertThrows(IllegalArgumentException.class, () -> DEFAULTS.delimiter(delimiter));
    }
  }

  @Test
  void saysThatAFileIsMissing() {
    Path none = folder.resolve("none.csv");
    String message = assertThrows(InputNotFoundException.class, () -> Csv.load(none)).getMessage();
    assertTrue(message.startsWith(none + ": no such file"), message);
    assertThrows(InputNotFoundException.class, () -> Csv.load(folder));
  }
}
