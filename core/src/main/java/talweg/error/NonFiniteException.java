package talweg.error;

/** A NaN or an infinity in a loss or gradient, under a policy that does not tolerate it. */
public class NonFiniteException extends TalwegException {
  private static final long serialVersionUID = 1L;

  private final String parameter;
  private final long step;

  public NonFiniteException(String message) {
    this(message, null, 0);
  }

  /**
   * A gradient that is not finite.
   *
   * @param parameter path of the first parameter that has one
   * @param step number of the step from 1
   */
  public NonFiniteException(String message, String parameter, long step) {
    super(message);
    this.parameter = parameter;
    this.step = step;
  }

  public NonFiniteException(String message, Throwable cause) {
    super(message, cause);
    this.parameter = null;
    this.step = 0;
  }

  /** Path of the first parameter whose gradient is not finite, or null if that is not known. */
  public String parameter() {
    return parameter;
  }

  /** The step from 1, or 0 if that is not known. */
  public long step() {
    return step;
  }
}
