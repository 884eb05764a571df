package talweg.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.data.CsvOptions.Missing;
import talweg.data.CsvOptions.Numbers;
import talweg.data.CsvOptions.Unknown;
import talweg.error.DataFormatException;

/** Numbers that are not written as plain ones are read or refused, never taken for names. */
class CsvNumbersTest {
  private static final CsvOptions TAB = CsvOptions.defaults().delimiter('\t');

  @TempDir Path folder;

  private Dataset load(String text, CsvOptions options) {
    return Csv.load(TestFiles.write(folder.resolve("t.tsv"), text), options);
  }

  private String refusal(String text, CsvOptions options) {
    return assertThrows(DataFormatException.class, () -> load(text, options)).getMessage();
  }

  /** So many rows of a number and a cell that is made of it. */
  private static String column(String form, int rows) {
    return IntStream.range(1, rows + 1)
        .mapToObj(i -> i + "\t" + form.replace("#", Integer.toString(i % 9 + 1)) + "\n")
        .collect(Collectors.joining("", "x\ty\n", ""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "#,5 | COMMA",
        "-#,25 | COMMA",
        "1.23#,5 | COMMA",
        "12 23#,50 € | COMMA",
        "#,4 % | COMMA",
        "#.4% | POINT",
        "$1,23#.50 | POINT",
        "US$ 1,23#.50 | POINT",
        "€ #.50 | POINT",
        "(#.50) | POINT",
        "1’23#.50 CHF | POINT",
        "1,23# | POINT",
        "19,86# EUR | POINT",
        "# kg | POINT",
        "#.5 m² | POINT",
        "1,00#,000.5 | POINT",
      })
  void decoratedNumbersAreNeitherClassesNorCategories(String form, String way) {
    String target = column(form, 40);
    String message = refusal(target, TAB);
    assertTrue(message.contains("line 2, column 2 (\"y\")"), message);
    assertTrue(message.contains("CsvOptions.numbers(" + way), message);
    assertTrue(message.contains("CsvOptions.task(CLASSIFY)"), message);
    assertTrue(message.contains("of the column; have them read"), message);
    // As a feature, with nothing unknown in the way.
    String feature = target.replace("x\ty", "y\tx");
    message = refusal(feature, TAB.target("1").unknown(Unknown.ZEROS));
    assertTrue(message.contains("CsvOptions.categorical(\"x\")"), message);
    Dataset read = load(target, TAB.numbers(Numbers.valueOf(way)));
    assertFalse(read.isClassification(), read.toString());
    assertEquals(40, read.size());
    Dataset told = load(feature, TAB.target("1").task(Task.REGRESS).categorical(Set.of("x")));
    assertEquals(9, told.featureCount());
    assertEquals(9, load(target, TAB.task(Task.CLASSIFY)).numClasses());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1234.5 | 1234.5 |",
        "$1,234.50 | 1234.50 |",
        "1,234 | 1234 | 1.234",
        "1.234 | 1.234 | 1234",
        "1.234,50 € | | 1234.50",
        "1 234,5 | | 1234.5",
        "1’234.5 | 1234.5 |",
        "-$5 | -5 | -5",
        "(1,234.50) | -1234.50 |",
        "\u2212" + "3,5 % | | -3.5",
        "5e3 kg | 5e3 | 5e3",
        ".5 | .5 |",
        ",5 | | .5",
        "1,234,567.8 | 1234567.8 |",
        "₹12,34,567.8 | 1234567.8 |",
        "1,00,000 | 100000 |",
      })
  void eachFormHasItsValue(String cell, String point, String comma) {
    DecoratedNumber number = DecoratedNumber.of(cell);
    assertEquals(point, number.point(), cell);
    assertEquals(comma, number.comma(), cell);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2,5 | a decimal comma",
        "1,234 | a comma, decimal or between thousands",
        "$1,234.50 | a currency \"$\" and groups of thousands",
        "5 EUR | a currency \"EUR\"",
        "13,4 % | a percent sign and a decimal comma",
        "5 kg | a unit \"kg\"",
        "1 234 | groups of thousands",
        "1’234.5 | groups of thousands",
        "(5) | other signs",
      })
  void saysWhatIsNotPlain(String cell, String what) {
    assertEquals(what, DecoratedNumber.of(cell).what());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "abc",
        "1st",
        "2nd floor",
        "2024-01-05",
        "12:30",
        "10-20",
        "1.2.3.4",
        "v1.5",
        "C85",
        "1,23,4",
        "5 kg 3",
        "--5",
        "$",
        "1,2,3",
        "90210-1234",
        "A 5",
        "+-5"
      })
  void otherTextsAreNoNumbers(String cell) {
    DecoratedNumber number = DecoratedNumber.of(cell);
    assertNull(number, cell);
  }

  /** What is read is a number, whatever stands there. */
  @Test
  void randomTextsAreNumbersOrNothing() {
    long seed = System.nanoTime();
    System.out.println("CsvNumbersTest.randomTextsAreNumbersOrNothing: seed " + seed);
    Random random = new Random(seed);
    String signs = "0123456789.,'’ $€%kg-+()eE\u00a0\u2212";
    for (int i = 0; i < 50_000; i++) {
      StringBuilder cell = new StringBuilder();
      for (int length = random.nextInt(12); length > 0; length--) {
        cell.append(signs.charAt(random.nextInt(signs.length())));
      }
      DecoratedNumber number = DecoratedNumber.of(cell.toString());
      if (number != null) {
        assertTrue(number.point() == null || Cells.isNumber(number.point()), cell + " " + number);
        assertTrue(number.comma() == null || Cells.isNumber(number.comma()), cell + " " + number);
        assertFalse(number.what().isEmpty());
      }
    }
  }

  /** Many equal cells first: a sorted table. */
  @Test
  void aSortedColumnIsSeenToTheEnd() {
    String text =
        IntStream.range(0, 3000)
            .mapToObj(i -> (i < 1500 ? "5 kg" : "6 kg") + "\t" + i + ".5\n")
            .collect(Collectors.joining("", "k\ty\n", ""));
    assertTrue(refusal(text, TAB).contains("a unit \"kg\""));
  }

  @Test
  void namesWithDigitsStayCategories() {
    for (String names : List.of("1st,2nd,3rd", "4WD,2RWD,3AWD", "10-20,20-30,30+", "C85,C12,B5")) {
      String[] three = names.split(",");
      String text =
          IntStream.range(0, 30)
              .mapToObj(i -> three[i % 3] + "\t" + i + ".5\n")
              .collect(Collectors.joining("", "k\ty\n", ""));
      assertEquals(3, load(text, TAB).featureCount(), names);
    }
  }

  @Test
  void severalUnitsMakeNoNames() {
    for (String units : List.of("kg,g,mg", "K,M,bn", "min,h,days")) {
      String[] three = units.split(",");
      String text =
          IntStream.range(0, 30)
              .mapToObj(i -> i % 10 + three[i % 3] + "\t" + i + ".5\n")
              .collect(Collectors.joining("", "k\ty\n", ""));
      assertTrue(refusal(text, TAB).contains("a unit \"" + three[0] + "\""), units);
      assertTrue(refusal(text, TAB.numbers(Numbers.POINT)).contains("one unit"), units);
    }
  }

  @Test
  void unitsAndCurrenciesAreNotMixed() {
    CsvOptions point = TAB.numbers(Numbers.POINT);
    String text = column("$#.50", 20).replace("12\t$4.50", "12\t€4.50");
    String message = refusal(text, point);
    assertTrue(message.contains("line 13") && message.contains("\"€4.50\""), message);
    CsvSplit csv =
        Csv.split(TestFiles.write(folder.resolve("s.tsv"), column("$#.50", 40)), point, 0.8, 1);
    TableEncoding read = (TableEncoding) Preprocessing.fromJson(csv.encoding().toJson());
    assertEquals(csv.encoding(), read);
    Path other = TestFiles.write(folder.resolve("o.tsv"), "x\ty\n1\t$3.50\n2\t4.50\n");
    assertEquals(2, read.load(other).size());
    Path euro = TestFiles.write(folder.resolve("e.tsv"), "x\ty\n1\t€3.50\n");
    message = assertThrows(DataFormatException.class, () -> read.load(euro)).getMessage();
    assertTrue(message.contains("with \"$\" as in the training rows"), message);
  }

  @Test
  void aCommaIsNoPointInTablesWithCommas() {
    CsvOptions comma = TAB.numbers(Numbers.COMMA);
    assertArrayEquals(
        new float[] {2.5f, 1234.5f, 3000, 7},
        load("x\ty\n1\t2,5\n2\t1.234,5\n3\t3.000\n4\t7\n", comma).targets());
    String message = refusal("x\ty\n1\t2,5\n2\t3,5\n3\t3.5\n", comma);
    assertTrue(message.contains("line 4") && message.contains("\"3.5\""), message);
  }

  @Test
  void marksOfMissingValuesAmongNumbersAreNoCategories() {
    String rows = "x\ty\nN/A\t0.5\nN/A\t1\nN/A\t2\n1.5\t3\n2\t4\n-\t5\n-\t6\n";
    String message = refusal(rows, TAB.missing(Missing.MEAN).unknown(Unknown.ZEROS));
    assertTrue(message.contains("line 2, column 1 (\"x\")"), message);
    assertTrue(message.contains("CsvOptions.missingTexts(\"-,N/A\")"), message);
    CsvOptions told = TAB.missing(Missing.MEAN).missingTexts(Set.of("N/A", "-"));
    assertEquals(1.75f, load(rows, told).features()[0]);
    assertEquals(2, load(rows, told.missing(Missing.DROP)).size());
    // A word that is none of these marks makes it a column of categories again.
    assertEquals(4, load(rows.replace("6\n", "6\nred\t7\n"), TAB).featureCount() - 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"k#", "$#.5", "2024-01-#"})
  void aClassForEachExampleIsNoClassification(String form) {
    String text =
        IntStream.range(10, 40)
            .mapToObj(i -> i + "\t" + form.replace("#", Integer.toString(i)) + "\n")
            .collect(Collectors.joining("", "x\ty\n", ""));
    for (Task task : List.of(Task.AUTO, Task.CLASSIFY)) {
      String message = refusal(text, TAB.task(task));
      assertTrue(message.contains("column 2 (\"y\")"), message);
    }
    String message = refusal(text, TAB.task(Task.CLASSIFY));
    assertTrue(message.contains("30 different values in 30 rows"), message);
  }
}
