package talweg.data;

import java.util.Locale;
import talweg.check.HeapLimit;
import talweg.error.DataFormatException;

/** Refuses data sets that do not fit into this JVM, before anything is allocated for them. */
final class HostMemory {
  // A few words below 2^31 are lost to the array header on HotSpot.
  private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;

  private static final String LEAVE =
      "leave the examples in the file (Csv.stream, Idx.stream, ImageOptions.stream)";

  private HostMemory() {}

  /**
   * Number of floats in {@code rows} rows of {@code width}, once it is known to fit.
   *
   * @throws DataFormatException if it exceeds what an array, or the heap limit, can hold
   */
  static int floats(String file, long rows, long width) {
    return floats(file, rows, width, Runtime.getRuntime().maxMemory());
  }

  /** As above, under a given limit of the heap in bytes, of which a reader may take its share. */
  static int floats(String file, long rows, long width, long heap) {
    long count;
    try {
      count = Math.multiplyExact(rows, width);
    } catch (ArithmeticException e) {
      count = Long.MAX_VALUE;
    }
    String size = String.format(Locale.ROOT, "%d examples of %d values", rows, width);
    if (count > MAX_ARRAY) {
      throw new DataFormatException(
          String.format(
              Locale.ROOT,
              "%s: %s are more than one data set holds: expected at most %d values in all;"
                  + " split the file, or get it again if it should be smaller",
              file,
              size,
              MAX_ARRAY));
    }
    HeapLimit.require(file, size, count * Float.BYTES, LEAVE, heap);
    return (int) count;
  }

  /**
   * A number of examples as an int.
   *
   * @throws DataFormatException if there are more than {@code 2^31 - 9}
   */
  static int examples(String file, long rows) {
    if (rows > MAX_ARRAY) {
      throw new DataFormatException(
          String.format(
              Locale.ROOT,
              "%s: expected at most %d examples, got %d; split the file",
              file,
              MAX_ARRAY,
              rows));
    }
    return (int) rows;
  }
}
