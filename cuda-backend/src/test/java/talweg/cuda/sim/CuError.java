package talweg.cuda.sim;

/** Ends a driver call with an error code. */
final class CuError extends RuntimeException {
  private static final long serialVersionUID = 1;
  private final int code;

  CuError(int code, String message) {
    super(message);
    this.code = code;
  }

  int code() {
    return code;
  }

  static void require(boolean condition, int code, String message) {
    if (!condition) {
      throw new CuError(code, message);
    }
  }
}
