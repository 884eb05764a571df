package talweg.error;

/**
 * Work that cannot be captured, or that differs from what was captured, with the layer in which it
 * happened where there is one.
 */
public class CaptureException extends BackendException {
  private static final long serialVersionUID = 1L;

  private final String problem;
  private final String layer;
  private final String advice;

  public CaptureException(String problem, String advice) {
    this(problem, null, advice, null);
  }

  private CaptureException(String problem, String layer, String advice, Throwable cause) {
    super(problem + (layer == null ? "" : " (in layer \"" + layer + "\")") + "; " + advice, cause);
    this.problem = problem;
    this.layer = layer;
    this.advice = advice;
  }

  /** The same error seen from one layer further out. */
  public CaptureException within(String outerLayer) {
    return new CaptureException(
        problem, layer == null ? outerLayer : outerLayer + "." + layer, advice, this);
  }

  /** The same error with better advice, from code that knows more of what was being done. */
  public CaptureException advising(String better) {
    return new CaptureException(problem, layer, better, this);
  }
}
