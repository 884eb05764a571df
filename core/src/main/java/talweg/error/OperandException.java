package talweg.error;

/**
 * Operands that do not fit the operation, with the layer in which it happened where there is one.
 */
public abstract class OperandException extends TalwegException {
  private static final long serialVersionUID = 1L;

  private final String problem;
  private final String layer;

  /**
   * An error in a layer.
   *
   * @param layer path of the layer, or null where none is known
   */
  OperandException(String problem, String layer, Throwable cause) {
    super(layer == null ? problem : problem + " (in layer \"" + layer + "\")", cause);
    this.problem = problem;
    this.layer = layer;
  }

  /** An error of the same class. */
  abstract OperandException copy(String problem, String layer, Throwable cause);

  /**
   * The same error seen from one layer further out: layer names join to a path such as {@code
   * encoder.fc2}.
   */
  public final OperandException within(String outerLayer) {
    OperandException outer =
        copy(problem, layer == null ? outerLayer : outerLayer + "." + layer, getCause());
    outer.setStackTrace(getStackTrace());
    return outer;
  }
}
