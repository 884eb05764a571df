package talweg.error;

/**
 * Root of every error that Talweg raises on purpose.
 *
 * <p>A message leads with the operation or file, shows what was expected and what was found, and
 * ends with what to do. What steers a terminal is taken out of it: names and paths are not ours.
 */
public class TalwegException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public TalwegException(String message) {
    super(Printable.message(message));
  }

  public TalwegException(String message, Throwable cause) {
    super(Printable.message(message), cause);
  }
}
