package talweg.cuda.sim;

/** What went wrong in a simulated kernel, or in the text of one. */
final class PtxFault extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final int code;

  private PtxFault(int code, String message) {
    super(message);
    this.code = code;
  }

  static PtxFault illegalAddress(String message) {
    return new PtxFault(CuResult.ILLEGAL_ADDRESS, message);
  }

  static PtxFault misaligned(String message) {
    return new PtxFault(CuResult.MISALIGNED_ADDRESS, message);
  }

  static PtxFault launchFailed(String message) {
    return new PtxFault(CuResult.LAUNCH_FAILED, message);
  }

  static PtxFault timeout(String message) {
    return new PtxFault(CuResult.LAUNCH_TIMEOUT, message);
  }

  /** The text cannot be run: unknown or malformed. */
  static PtxFault undecodable(String message) {
    return new PtxFault(CuResult.INVALID_PTX, message);
  }

  /** The same fault, saying where it happened. */
  PtxFault at(String place) {
    return new PtxFault(code, place + ": " + getMessage());
  }

  /** The CUresult that the driver would give. */
  int code() {
    return code;
  }
}
