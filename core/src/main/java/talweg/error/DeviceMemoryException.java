package talweg.error;

/** A device has too little memory left for an allocation. */
public final class DeviceMemoryException extends CudaException {
  private static final long serialVersionUID = 1L;

  private final long requested;
  private final long free;
  private final long total;

  /**
   * @param requested bytes that were asked for
   * @param free bytes that nobody uses, which may lie scattered
   * @param total bytes that the device has
   */
  public DeviceMemoryException(
      String message, String call, int code, long requested, long free, long total) {
    super(message, call, null, code);
    this.requested = requested;
    this.free = free;
    this.total = total;
  }

  /**
   * The same error with a sentence about who holds the memory, from those who know tensors by name.
   */
  public DeviceMemoryException with(String holders) {
    DeviceMemoryException told =
        new DeviceMemoryException(
            getMessage() + "; " + holders, call(), code(), requested, free, total);
    told.setStackTrace(getStackTrace());
    return told;
  }

  /** Bytes that were asked for. */
  public long requested() {
    return requested;
  }

  /** Bytes that nobody used. */
  public long free() {
    return free;
  }

  /** Bytes that the device has. */
  public long total() {
    return total;
  }
}
