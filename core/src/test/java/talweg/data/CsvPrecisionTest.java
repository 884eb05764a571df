package talweg.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.data.CsvOptions.Missing;

/** Numbers whose differences 32-bit floats cannot hold keep them. */
class CsvPrecisionTest {
  private static final int ROWS = 200;

  @TempDir Path folder;

  private Path table(IntFunction<String> x, IntFunction<String> y) {
    return TestFiles.write(
        folder.resolve("t.csv"),
        IntStream.range(0, ROWS)
            .mapToObj(i -> x.apply(i) + "," + y.apply(i) + "\n")
            .collect(Collectors.joining("", "x,y\n", "")));
  }

  private CsvSplit split(Path file) {
    return Csv.split(file, CsvOptions.defaults().missing(Missing.MEAN), 0.8, 1);
  }

  /** Standardized features and targets are those of i itself, whatever the offset. */
  @ParameterizedTest
  @ValueSource(doubles = {1.7e9, 1.7e12, -1e15, 2e7, 1e30})
  void anOffsetChangesNothing(double offset) {
    double step = Math.max(1, Math.abs(offset) * 1e-12);
    IntFunction<String> number = i -> Double.toString(offset + (i * 7 % ROWS) * step);
    Split plain = split(table(i -> i * 7 % ROWS + "", i -> i * 7 % ROWS + "")).split();
    CsvSplit csv = split(table(number, number));
    assertArrayEquals(plain.test().features(), csv.split().test().features(), 2e-3f);
    assertArrayEquals(plain.test().targets(), csv.split().test().targets(), 2e-3f);
    TableEncoding read = (TableEncoding) Preprocessing.fromJson(csv.encoding().toJson());
    assertEquals(csv.encoding(), read);
    Dataset again = read.load(folder.resolve("t.csv"));
    double[] restored = read.targets().orElseThrow().restoreExactly(again.targets());
    double[] features = read.features().orElseThrow().restoreExactly(again.features());
    for (int i = 0; i < ROWS; i++) {
      double exact = Double.parseDouble(number.apply(i));
      assertEquals(exact, restored[i], 1e-3 * step + Math.ulp(offset), "row " + i);
      assertEquals(exact, features[i], 1e-3 * step + Math.ulp(offset), "row " + i);
    }
  }

  @Test
  void tinyNumbersKeepTheirDigits() {
    CsvSplit csv = split(table(i -> i + "e-44", i -> i * 3 + "e-50"));
    Split plain = split(table(i -> i + ".0", i -> i * 3 + ".5")).split();
    assertArrayEquals(plain.test().features(), csv.split().test().features(), 1e-5f);
    assertArrayEquals(plain.test().targets(), csv.split().test().targets(), 1e-5f);
  }

  /** What floats do is done as before, to the last bit. */
  @Test
  void numbersWithinTheReachOfFloatsAreNotShifted() {
    for (String json :
        new String[] {
          split(table(i -> i * 0.37 + "", i -> "2e5")).encoding().toJson(),
          split(table(i -> 1900 + i + "", i -> i * 1e6 + 0.1 + "")).encoding().toJson(),
          split(table(i -> "0.1", i -> 16_000_000 + i + "")).encoding().toJson()
        }) {
      assertFalse(json.contains("shift"), json);
    }
    Path file = table(i -> 100 + i * 0.37 + "", i -> i + ".5");
    Split parts = Csv.load(file).split(0.8, 1);
    assertArrayEquals(
        Standardizer.fit(parts.train()).apply(parts.test()).features(),
        split(file).split().test().features());
  }

  @Test
  void meansStandInForMissingShiftedNumbersAndLoadDoesNotShift() {
    Path file = table(i -> i == 5 ? "" : 1_700_000_000 + i % 50 + "", i -> i + ".5");
    CsvSplit csv = split(file);
    assertTrue(csv.encoding().toJson().contains("shift"));
    Path one = TestFiles.write(folder.resolve("o.csv"), "x,y\n,1\n");
    assertEquals(0, csv.encoding().load(one).features()[0], 1e-6f);
    Dataset raw = Csv.load(file, CsvOptions.defaults().missing(Missing.MEAN));
    assertEquals(1.7e9f, raw.features(0)[0]);
    assertEquals(1.7e9f, raw.features(5)[0], 128);
  }
}
