package talweg.spi;

import java.util.Locale;
import talweg.error.BackendUnavailableException;

/**
 * What a backend is opened with.
 *
 * @param index which device of the backend's kind, from 0
 * @param threads worker threads for host backends; 0 lets the backend choose
 * @param precision of matrix products of F32
 */
public record DeviceSpec(int index, int threads, Precision precision) {
  /** The first device with the backend's own choice of threads. */
  public static final DeviceSpec DEFAULT = new DeviceSpec(0, 0);

  /** More than any machine has cores for. */
  private static final int MOST_THREADS = 1024;

  public DeviceSpec {
    if (index < 0 || threads < 0 || threads > MOST_THREADS) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "device: expected an index from 0 and up to %d threads, got %d and %d",
              MOST_THREADS,
              index,
              threads));
    }
  }

  /** A device that multiplies in true F32. */
  public DeviceSpec(int index, int threads) {
    this(index, threads, Precision.FP32);
  }

  /**
   * Refuses what a backend of one device that always multiplies in true F32 does not have.
   *
   * @param backend its name
   */
  public void requirePlain(String backend) {
    if (index > 0) {
      throw new BackendUnavailableException(
          String.format(
              Locale.ROOT,
              "backend \"%s\": found device index %d, expected 0: there is one device; ask for"
                  + " \"%s\"",
              backend,
              index,
              backend));
    }
    if (precision != Precision.FP32) {
      throw new BackendUnavailableException(
          "backend \"%s\": precision %s is not available: it multiplies in true fp32 only; ask for fp32, or for the backend cuda"
              .formatted(backend, precision.name().toLowerCase(Locale.ROOT)));
    }
  }
}
