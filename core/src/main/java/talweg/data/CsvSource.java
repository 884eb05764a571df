package talweg.data;

import java.nio.file.Path;
import java.util.Locale;
import java.util.function.ObjIntConsumer;
import talweg.error.DataFormatException;

/**
 * The examples of a table whose layout is known, for reading them as often as needed.
 *
 * @param columns number of cells of each row
 * @param skipFirst whether the first row is not an example
 * @param drop whether rows with a missing cell are left out
 */
record CsvSource(
    Path file, char delimiter, long maxBytes, int columns, boolean skipFirst, boolean drop) {
  String name() {
    return file.toString();
  }

  static CsvReader open(Path file, char delimiter, long maxBytes) {
    return new CsvReader(ByteSource.open(file, maxBytes), delimiter);
  }

  /** Hands over each example's row and index, and returns their number. */
  int forEach(ObjIntConsumer<CsvRow> examples) {
    try (CsvReader reader = open(file, delimiter, maxBytes)) {
      CsvRow row = reader.next();
      if (skipFirst && row != null) {
        row = reader.next();
      }
      int count = 0;
      for (; row != null; row = reader.next()) {
        row.requireSize(name(), columns, "the others");
        if (!drop || row.isComplete()) {
          examples.accept(row, HostMemory.examples(name(), count));
          count++;
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
