package talweg.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.data.CsvOptions.Missing;
import talweg.data.CsvOptions.Unknown;
import talweg.error.DataFormatException;
import talweg.error.InputNotFoundException;

class TableEncodingTest {
  private static final CsvOptions DEFAULTS = CsvOptions.defaults();
  private static final long SEED = 5;

  @TempDir Path folder;

  private Path file(String text) {
    return TestFiles.write(folder.resolve("t.csv"), text);
  }

  private static String mixed(int n) {
    return "c,x,y\n"
        + IntStream.range(0, n)
            .mapToObj(i -> "k%d,%d,%s\n".formatted(i % 3, i * i, i % 2 == 0 ? "no" : "yes"))
            .collect(Collectors.joining());
  }

  private void refuses(TableEncoding encoding, String text, String... parts) {
    Path file = file(text);
    String message =
        assertThrows(DataFormatException.class, () -> encoding.load(file)).getMessage();
    assertTrue(message.startsWith(file + ": "), message);
    for (String part : parts) {
      assertTrue(message.contains(part), part + " in: " + message);
    }
  }

  /** The test rows of {@code n} in file order, as they are drawn. */
  private static int[] testRows(int n) {
    return Partition.random("t", n, 0.8, SEED).test();
  }

  @Test
  void splitsLikeADataSet() {
    CsvSplit csv = Csv.split(file(mixed(50)), DEFAULTS, 0.8, SEED);
    Dataset whole = Csv.load(file(mixed(50)));
    Split plain = whole.split(0.8, SEED);
    Standardizer fitted = Standardizer.fit(plain.train());
    assertArrayEquals(fitted.apply(plain.train()).features(), csv.split().train().features());
    assertArrayEquals(fitted.apply(plain.test()).features(), csv.split().test().features());
    assertArrayEquals(plain.test().labels(), csv.split().test().labels());
    assertEquals(List.of("c=k0", "c=k1", "c=k2", "x"), csv.encoding().featureNames());
    assertEquals(List.of("no", "yes"), csv.encoding().classNames());
  }

  @Test
  void nothingIsLearnedFromTestRows() {
    int n = 40;
    int[] test = testRows(n);
    String[] rows = mixed(n).split("\n");
    for (int row : test) {
      rows[row + 1] = "k1,1e6,yes";
    }
    CsvSplit plain = Csv.split(file(mixed(n)), DEFAULTS, 0.8, SEED);
    CsvSplit changed = Csv.split(file(String.join("\n", rows)), DEFAULTS, 0.8, SEED);
    assertEquals(plain.encoding().toJson(), changed.encoding().toJson());
    assertArrayEquals(plain.split().train().features(), changed.split().train().features());
    assertFalse(Arrays.equals(plain.split().test().features(), changed.split().test().features()));
  }

  @Test
  void categoriesMeansAndModesComeFromTrainingRows() {
    int n = 20;
    int[] test = testRows(n);
    String[] rows = new String[n + 1];
    Arrays.fill(rows, "a,2,1.5");
    rows[0] = "c,x,y";
    for (int row : test) {
      rows[row + 1] = "b,100,2.5";
    }
    rows[test[0] + 1] = "a,?,2.5";
    String text = String.join("\n", rows);
    CsvOptions options = DEFAULTS.missing(Missing.MEAN);
    String message =
        assertThrows(DataFormatException.class, () -> Csv.split(file(text), options, 0.8, SEED))
            .getMessage();
    assertTrue(message.contains("one of the 1 categories of the training rows"), message);
    for (Missing missing : List.of(Missing.MEAN, Missing.MODE)) {
      CsvSplit csv =
          Csv.split(file(text), options.missing(missing).unknown(Unknown.ZEROS), 0.8, SEED);
      assertEquals(List.of("c=a", "x"), csv.encoding().featureNames());
      // Standardized by shifting alone, as neither column varies in training.
      assertArrayEquals(new float[] {0, 0}, csv.split().test().features(0));
      assertArrayEquals(new float[] {-1, 98}, csv.split().test().features(1));
    }
  }

  @Test
  void regressionTargetsAreStandardizedWithTrainingFigures() {
    String text =
        "x,y\n"
            + IntStream.range(0, 30)
                .mapToObj(i -> i + "," + (i * 10 + 0.5) + "\n")
                .collect(Collectors.joining());
    CsvSplit csv = Csv.split(file(text), DEFAULTS, 0.8, SEED);
    Standardizer targets = csv.encoding().targets().orElseThrow();
    Dataset raw = Csv.load(file(text)).split(0.8, SEED).test();
    assertArrayEquals(raw.targets(), targets.restore(csv.split().test().targets()), 1e-3f);
    assertEquals(csv.encoding(), Preprocessing.fromJson(csv.encoding().toJson()));
  }

  @Test
  void encodesFurtherTablesAlike() {
    CsvSplit csv = Csv.split(file(mixed(60)), DEFAULTS, 0.8, SEED);
    TableEncoding read = (TableEncoding) Preprocessing.fromJson(csv.encoding().toJson());
    assertEquals(csv.encoding(), read);
    assertEquals(csv.encoding().hashCode(), read.hashCode());
    int[] test = testRows(60);
    String[] rows = mixed(60).split("\n");
    String text =
        rows[0]
            + "\n"
            + Arrays.stream(test).mapToObj(r -> rows[r + 1]).collect(Collectors.joining("\n"));
    Dataset further = read.load(file(text));
    assertArrayEquals(csv.split().test().features(), further.features());
    assertArrayEquals(csv.split().test().labels(), further.labels());
    Inputs inputs = read.inputs(file(text));
    assertArrayEquals(csv.split().test().features(), inputs.x());
    assertEquals("line 2", inputs.names().getFirst());
    assertEquals(test.length, inputs.size());
  }

  @Test
  void findsColumnsByName() {
    TableEncoding encoding = Csv.split(file(mixed(60)), DEFAULTS, 0.8, SEED).encoding();
    float[] expected = encoding.load(file("c,x,y\nk1,5,yes\n")).features();
    assertArrayEquals(expected, encoding.load(file("y,x,c\nyes,5,k1\n")).features());
    assertArrayEquals(expected, encoding.inputs(file("x,c\n5,k1\n")).x());
    refuses(encoding, "c,x\nk1,5\n", "no column \"y\"");
    refuses(encoding, "c,y\nk1,yes\n", "no column \"x\"");
    refuses(encoding, "c,x,z,y\nk1,5,1,yes\n", "also \"z\"");
    refuses(encoding, "c,x,x,y\nk1,5,1,yes\n", "2 columns \"x\"");
    refuses(encoding, "c,x,y\npink,5,yes\n", "line 2, column 1 (\"c\")", "3 categories", "pink");
    refuses(encoding, "c,x,y\nk1,5,never\n", "line 2, column 3", "\"never\"");
    refuses(encoding, "c,x,y\nk1,a,yes\n", "line 2, column 2 (\"x\")", "a number");
    refuses(encoding, "c,x,y\nk1,?,yes\n", "line 2, column 2 (\"x\")", "expected a value");
    refuses(encoding, "c,x,y\nk1,5,yes\nk1,5\n", "line 3", "3 cells");
    refuses(encoding, "c,x,y\n", "all rows");
    refuses(encoding, "", "an empty file");
    assertThrows(InputNotFoundException.class, () -> encoding.load(folder.resolve("none")));
  }

  @Test
  void findsColumnsByPositionWithoutAHeader() {
    String text =
        IntStream.range(0, 40)
            .mapToObj(i -> "%d,%s,%d.5\n".formatted(i % 7, i % 2 == 0 ? "u" : "v", i))
            .collect(Collectors.joining());
    TableEncoding encoding = Csv.split(file(text), DEFAULTS.target("2"), 0.8, SEED).encoding();
    Dataset one = encoding.load(file("3,v,2.5\n"));
    assertArrayEquals(new int[] {1}, one.labels());
    assertArrayEquals(one.features(), encoding.inputs(file("3,v,2.5\n")).x());
    assertArrayEquals(one.features(), encoding.inputs(file("3,2.5\n")).x());
    refuses(encoding, "3,2.5\n", "2 columns");
  }

  @Test
  void knowsCountsLines() {
    String rows =
        IntStream.range(0, 40)
            .mapToObj(i -> "%d,%d,%d\n".formatted(i, i % 5, i % 2))
            .collect(Collectors.joining());
    TableEncoding encoding =
        Csv.split(file("40,2,no,yes\n" + rows), DEFAULTS, 0.8, SEED).encoding();
    assertEquals(List.of("no", "yes"), encoding.classNames());
    Dataset counted = encoding.load(file("1,2,no,yes\n3,4,1\n"));
    assertArrayEquals(new int[] {1}, counted.labels());
    assertArrayEquals(counted.features(), encoding.load(file("3,4,1\n")).features());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"kind\":\"other\"}",
        "{\"kind\":\"table\"}",
        "{\"kind\":\"table\",\"kind\":\"table\"}",
        "{\"kind\":\"images\",\"colour\":1}",
        "{\"kind\":\"images\",\"colour\":true,\"height\":70000,\"width\":70000,"
            + "\"resize\":true,\"classes\":[\"a\",\"b\"]}",
        "{\"kind\":\"images\",\"colour\":true,\"height\":7,\"width\":7,"
            + "\"resize\":true,\"classes\":[\"a\",\"b\"],\"class\":\"java.lang.Runtime\"}"
      })
  void refusesOtherJson(String json) {
    String message =
        assertThrows(DataFormatException.class, () -> Preprocessing.fromJson(json)).getMessage();
    assertTrue(message.contains("expected") || message.contains("not valid JSON"), message);
  }

  @Test
  void refusesAlteredFigures() {
    TableEncoding encoding = Csv.split(file(mixed(60)), DEFAULTS, 0.8, SEED).encoding();
    String json = encoding.toJson();
    for (String[] change :
        new String[][] {
          {"\"std\":[", "\"std\":[0,"},
          {"\"std\":[", "\"std\":[-"},
          {"\"mean\":[", "\"mean\":[1e999,"},
          {"\"k1\"", "\"k0\""},
          {"\"fill\":[", "\"fill\":[1,"},
          {"\"yes\"", "\"no\""},
          {"\"NAMES\"", "\"NONE\""},
          {"\"REFUSE\"", "\"IGNORE\""},
          {"\",\"", "\",,\""},
          {"\"delimiter\":\",\"", "\"delimiter\":\"\\\"\""},
          {"\"max_bytes\":\"", "\"max_bytes\":\"-"},
          {"\"target\":{", "\"target\":{\"extra\":1,"},
        }) {
      String altered = json.replace(change[0], change[1]);
      assertFalse(altered.equals(json), change[0]);
      assertThrows(DataFormatException.class, () -> Preprocessing.fromJson(altered), () -> altered);
    }
  }
}
