package talweg.error;

/** A backend failed, or was asked for something that it cannot do. */
public class BackendException extends TalwegException {
  private static final long serialVersionUID = 1L;

  public BackendException(String message) {
    super(message);
  }

  public BackendException(String message, Throwable cause) {
    super(message, cause);
  }
}
