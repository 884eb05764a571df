package talweg.error;

/**
 * Shapes, axes or view bounds that do not fit the operation, with the layer in which it happened
 * where there is one.
 */
public class ShapeException extends TalwegException {
  private static final long serialVersionUID = 1L;

  private final String problem;
  private final String layer;

  public ShapeException(String message) {
    this(message, null, null);
  }

  public ShapeException(String message, Throwable cause) {
    this(message, null, cause);
  }

  private ShapeException(String problem, String layer, Throwable cause) {
    super(layer == null ? problem : problem + " (in layer \"" + layer + "\")", cause);
    this.problem = problem;
    this.layer = layer;
  }

  /**
   * The same error seen from one layer further out: layer names join to a path such as {@code
   * encoder.fc2}.
   */
  public ShapeException within(String outerLayer) {
    ShapeException outer =
        new ShapeException(
            problem, layer == null ? outerLayer : outerLayer + "." + layer, getCause());
    outer.setStackTrace(getStackTrace());
    return outer;
  }
}
