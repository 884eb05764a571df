package talweg.session;

import java.util.Locale;

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

  /** For people, e.g. {@code 1.5 GiB}. */
  public static String text(long bytes) {
    if (bytes < 1024) {
      return bytes + " bytes";
    }
    int unit = Math.min((63 - Long.numberOfLeadingZeros(bytes)) / 10, UNITS.length - 1);
    return String.format(Locale.ROOT, "%.1f %s", bytes / Math.pow(1024, unit), UNITS[unit]);
  }
}
