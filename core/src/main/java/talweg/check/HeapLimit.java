package talweg.check;

import java.util.Locale;
import java.util.function.Supplier;
import talweg.error.DataFormatException;

/**
 * What readers may take of the Java heap. A file can claim anything, and a small one can unpack to
 * a large one, so they say what they will need before they allocate it.
 */
public final class HeapLimit {
  private static final int SHIFT = 20;

  private HeapLimit() {}

  /**
   * Bytes that one reader may take: five eighths, because collectors keep old and young objects
   * apart, and the rest of the program lives in the heap, too.
   */
  public static long share(long heap) {
    return heap / 8 * 5;
  }

  /**
   * Refuses what needs more than this JVM's share.
   *
   * @param what needs it, in plural
   * @param advice what to do, apart from raising the limit
   * @throws DataFormatException naming the file, and what is needed and there
   */
  public static void require(String file, String what, long bytes, String advice) {
    require(file, what, bytes, advice, Runtime.getRuntime().maxMemory());
  }

  /** The same under a given limit of the heap. */
  public static void require(String file, String what, long bytes, String advice, long heap) {
    if (bytes > share(heap)) {
      throw new DataFormatException(
          String.format(
              Locale.ROOT,
              "%s: %s need %d MiB: expected at most %d MiB, five eighths of the Java heap; raise it"
                  + " with -Xmx, or %s",
              file,
              what,
              Math.ceilDiv(bytes, 1L << SHIFT),
              share(heap) >> SHIFT,
              advice));
    }
  }

  /**
   * Reads, and names the file where the heap is full all the same: others may have taken it.
   *
   * @throws DataFormatException in place of an {@link OutOfMemoryError}
   */
  public static <T> T reading(Object file, Supplier<T> body) {
    try {
      return body.get();
    } catch (OutOfMemoryError e) {
      throw full(file, e);
    }
  }

  /** The error that names the file. */
  public static DataFormatException full(Object file, OutOfMemoryError error) {
    return new DataFormatException(
        String.format(
            Locale.ROOT,
            "%s: needs more memory than the Java heap of %d MiB has left (%s); raise it with -Xmx,"
                + " or use less data",
            file,
            Runtime.getRuntime().maxMemory() >> SHIFT,
            error.getMessage()),
        error);
  }
}
