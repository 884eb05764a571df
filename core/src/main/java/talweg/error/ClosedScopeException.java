package talweg.error;

/** A tensor, scope or session used after it was closed. */
public class ClosedScopeException extends TalwegException {
  private static final long serialVersionUID = 1L;

  public ClosedScopeException(String message) {
    super(message);
  }

  public ClosedScopeException(String message, Throwable cause) {
    super(message, cause);
  }
}
