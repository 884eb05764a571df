package talweg.error;

/** Shapes, axes or view bounds that do not fit the operation. */
public class ShapeException extends OperandException {
  private static final long serialVersionUID = 1L;

  public ShapeException(String message) {
    this(message, null, null);
  }

  public ShapeException(String message, Throwable cause) {
    this(message, null, cause);
  }

  private ShapeException(String problem, String layer, Throwable cause) {
    super(problem, layer, cause);
  }

  @Override
  OperandException copy(String problem, String layer, Throwable cause) {
    return new ShapeException(problem, layer, cause);
  }
}
