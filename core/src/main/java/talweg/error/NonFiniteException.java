package talweg.error;

/** A NaN or an infinity in a loss or gradient, under a policy that does not tolerate it. */
public class NonFiniteException extends TalwegException {
  private static final long serialVersionUID = 1L;

  public NonFiniteException(String message) {
    super(message);
  }

  public NonFiniteException(String message, Throwable cause) {
    super(message, cause);
  }
}
