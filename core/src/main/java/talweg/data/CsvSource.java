package talweg.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;
import talweg.error.DataFormatException;

/**
 * The examples of a table whose layout is known, for reading them as often as needed.
 *
 * @param columns number of cells of each row
 * @param skipFirst whether the first row is not an example
 * @param reading how cells are read
 * @param complete columns that must have a value: rows without are left out
 */
record CsvSource(
    Path file,
    char delimiter,
    long maxBytes,
    int columns,
    boolean skipFirst,
    CellReading reading,
    int[] complete) {
  private static final int LINES = 5;

  String name() {
    return file.toString();
  }

  static CsvReader open(Path file, char delimiter, long maxBytes) {
    return new CsvReader(ByteSource.open(file, maxBytes), delimiter);
  }

  /** Hands over each example's row and index, and returns their number. */
  int forEach(ObjIntConsumer<CsvRow> examples) {
    return forEach(examples, _ -> {});
  }

  /** The rows that are left out. */
  LeftOut leftOut() {
    List<Long> lines = new ArrayList<>();
    if (complete.length == 0) {
      return new LeftOut(0, 0, lines);
    }
    long[] rows = new long[1];
    int kept =
        forEach(
            (_, _) -> {},
            row -> {
              rows[0]++;
              if (lines.size() < LINES) {
                lines.add(row.line());
              }
            });
    return new LeftOut(rows[0], rows[0] + kept, lines);
  }

  private int forEach(ObjIntConsumer<CsvRow> examples, Consumer<CsvRow> others) {
    try (CsvReader reader = open(file, delimiter, maxBytes)) {
      CsvRow row = reader.next();
      if (skipFirst && row != null) {
        row = reader.next();
      }
      int count = 0;
      for (; row != null; row = reader.next()) {
        row.requireSize(name(), columns, "the others");
        if (row.isComplete(reading, complete)) {
          examples.accept(row, HostMemory.examples(name(), count));
          count++;
        } else {
          others.accept(row);
        }
      }
      return count;
    }
  }

  /** The same for a table whose examples have been counted. */
  void forEach(int expected, ObjIntConsumer<CsvRow> examples) {
    int count =
        forEach((row, i) -> {
          if (i < expected) {
            examples.accept(row, i);
          }
        });
    if (count != expected) {
      throw new DataFormatException(
          String.format(
              Locale.ROOT,
              "%s: changed while it was read: expected %d examples as before, got %d; load it"
                  + " again",
              file,
              expected,
              count));
    }
  }

  /** The file's name without its endings, such as {@code iris} for {@code data/iris.csv.gz}. */
  String title() {
    String name = String.valueOf(file.getFileName());
    String bare =
        name.replaceFirst("(?i)\\.gz$", "").replaceFirst("(?i)\\.(csv|tsv|txt|data)$", "");
    return bare.isEmpty() ? name : bare;
  }
}
