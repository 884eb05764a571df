package talweg.error;

/** An input file or folder that does not exist. */
public class InputNotFoundException extends TalwegException {
  private static final long serialVersionUID = 1L;

  public InputNotFoundException(String message) {
    super(message);
  }

  public InputNotFoundException(String message, Throwable cause) {
    super(message, cause);
  }
}
