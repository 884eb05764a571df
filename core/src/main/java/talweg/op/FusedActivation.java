package talweg.op;

/**
 * Activations whose derivative follows from their result alone, so that the sum need not be kept.
 */
public enum FusedActivation {
  NONE,
  /** Derivative 1 where the result is positive, else 0. */
  RELU,
  /** Derivative 1 - y^2. */
  TANH,
  /** Derivative y (1 - y). */
  SIGMOID
}
