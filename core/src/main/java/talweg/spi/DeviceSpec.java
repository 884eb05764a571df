package talweg.spi;

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

  public DeviceSpec {
    if (index < 0 || threads < 0) {
      throw new IllegalArgumentException(
          "device: index and threads must not be negative, got %d and %d"
              .formatted(index, threads));
    }
  }

  /** A device that multiplies in true F32. */
  public DeviceSpec(int index, int threads) {
    this(index, threads, Precision.FP32);
  }
}
