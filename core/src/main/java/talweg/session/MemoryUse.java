package talweg.session;

import java.util.Locale;
import talweg.spi.Backend;

/**
 * A session's memory on its device, in bytes.
 *
 * @param held taken from the device: in use, or idle and ready for reuse
 * @param peak the most that was held since it was last reset
 * @param limit the budget, {@link Long#MAX_VALUE} if there is none
 * @param tight whether idle memory once had to be returned to stay within the budget
 */
public record MemoryUse(long held, long peak, long limit, boolean tight) {
  private static final String[] UNITS = {"bytes", "KiB", "MiB", "GiB", "TiB"};

  /**
   * The budget of a session that is given none: where tensors lie in the host's memory, seven
   * eighths of what the backend can have, so that the rest of the program keeps some; {@link
   * Long#MAX_VALUE} on a device with memory of its own, which says itself when that ends.
   */
  public static long defaultLimit(Backend backend) {
    if (!backend.usesHostMemory()) {
      return Long.MAX_VALUE;
    }
    long bytes = backend.memoryBytes();
    return bytes < Long.MAX_VALUE ? Math.max(1, bytes / 8 * 7) : Long.MAX_VALUE;
  }

  /** For people, e.g. {@code 1.5 GiB}. */
  public static String text(long bytes) {
    if (bytes < 1024) {
      return bytes + " bytes";
    }
    int unit = Math.min((63 - Long.numberOfLeadingZeros(bytes)) / 10, UNITS.length - 1);
    return String.format(Locale.ROOT, "%.1f %s", bytes / Math.pow(1024, unit), UNITS[unit]);
  }
}
