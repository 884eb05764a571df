package talweg.data;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import talweg.error.DataFormatException;

/**
 * Reads the UCI "Optical Recognition of Handwritten Digits": 64 pixels from 0 to 16, row by row,
 * then the digit; comma-separated, no header, gzip or plain.
 */
public final class Digits {
  private static final String NAME = "digits";
  private static final int SIDE = 8;
  private static final int PIXELS = SIDE * SIDE;
  private static final int MAX_INK = 16;
  private static final int CLASSES = 10;
  private static final long MAX_BYTES = 64L << 20;

  private Digits() {}

  /**
   * Reads all examples and closes the stream.
   *
   * @return examples of shape {@code [8, 8]} with pixels from 0 to 1, classes "0" to "9"
   * @throws DataFormatException if a row does not have 65 cells, or a cell is out of range
   */
  public static Dataset read(InputStream stream) {
    List<int[]> rows = new ArrayList<>();
    try (CsvReader reader = new CsvReader(ByteSource.of(NAME, stream, MAX_BYTES), ',')) {
      for (CsvRow row = reader.next(); row != null; row = reader.next()) {
        rows.add(values(row));
      }
    }
    if (rows.isEmpty()) {
      throw Malformed.at(NAME, "line 1", "examples", "nothing", "the resource is empty");
    }
    float[] pixels = new float[HostMemory.floats(NAME, rows.size(), PIXELS)];
    int[] labels = new int[rows.size()];
    for (int i = 0; i < labels.length; i++) {
      int[] row = rows.get(i);
      for (int p = 0; p < PIXELS; p++) {
        pixels[i * PIXELS + p] = row[p] / (float) MAX_INK;
      }
      labels[i] = row[PIXELS];
    }
    List<String> names = IntStream.range(0, CLASSES).mapToObj(Integer::toString).toList();
    return Dataset.ownedClassification(NAME, pixels, new int[] {SIDE, SIDE}, labels, CLASSES)
        .withClassNames(names);
  }

  private static int[] values(CsvRow row) {
    if (row.size() != PIXELS + 1) {
      throw Malformed.at(
          NAME,
          "line " + row.line(),
          "65 cells, 64 pixels and the digit",
          Integer.toString(row.size()),
          "check that these are the UCI digits");
    }
    int[] values = new int[PIXELS + 1];
    Arrays.setAll(values, c -> value(row, c, c == PIXELS ? CLASSES - 1 : MAX_INK));
    return values;
  }

  private static int value(CsvRow row, int column, int max) {
    String cell = row.cells().get(column);
    int value = Cells.isWhole(cell, 2) ? Integer.parseInt(cell) : -1;
    if (value < 0 || value > max) {
      throw Malformed.at(
          NAME,
          "line " + row.line() + ", column " + (column + 1),
          String.format(Locale.ROOT, "a whole number in 0..%d", max),
          Malformed.quote(cell),
          "check that these are the UCI digits");
    }
    return value;
  }
}
