package talweg.error;

/** An input file whose content is not what its format promises. */
public class DataFormatException extends TalwegException {
  private static final long serialVersionUID = 1L;

  public DataFormatException(String message) {
    super(message);
  }

  public DataFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
