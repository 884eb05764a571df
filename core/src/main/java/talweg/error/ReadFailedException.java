package talweg.error;

/**
 * An input file or folder that is there, but cannot be read: rights, a disk's or network's fault.
 */
public class ReadFailedException extends TalwegException {
  private static final long serialVersionUID = 1L;

  public ReadFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
