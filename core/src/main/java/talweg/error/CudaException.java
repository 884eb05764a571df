package talweg.error;

/** A call of the CUDA driver that failed. The message says what to do. */
public class CudaException extends BackendException {
  private static final long serialVersionUID = 1L;

  private final String call;
  private final String kernel;
  private final int code;

  /**
   * @param call the driver's function
   * @param kernel the kernel that was to run, or null where none is known
   * @param code the driver's error code, such as 700 for an illegal address
   */
  public CudaException(String message, String call, String kernel, int code) {
    super(message);
    this.call = call;
    this.kernel = kernel;
    this.code = code;
  }

  /** The function of the driver that reported the error; work before it may have caused it. */
  public String call() {
    return call;
  }

  /** The kernel that was running, or null if that is not known. */
  public String kernel() {
    return kernel;
  }

  /** The driver's error code. */
  public int code() {
    return code;
  }
}
