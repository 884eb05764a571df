package talweg.error;

/** An element type that the operation does not accept. */
public class DTypeException extends OperandException {
  private static final long serialVersionUID = 1L;

  public DTypeException(String message) {
    this(message, null, null);
  }

  public DTypeException(String message, Throwable cause) {
    this(message, null, cause);
  }

  private DTypeException(String problem, String layer, Throwable cause) {
    super(problem, layer, cause);
  }

  @Override
  OperandException copy(String problem, String layer, Throwable cause) {
    return new DTypeException(problem, layer, cause);
  }
}
