package talweg.solve;

/**
 * When an iterative method ends.
 *
 * @param gradientTolerance the 2-norm of the gradient is at most this
 * @param stepTolerance no element moved by more than this, relative to the largest element (at
 *     least 1)
 * @param maxIterations steps at most
 */
public record Stopping(double gradientTolerance, double stepTolerance, int maxIterations) {
  /** Close to the limits of double precision for well-scaled problems. */
  public static final Stopping DEFAULT = new Stopping(1e-9, 1e-14, 1000);

  public Stopping {
    if (!(gradientTolerance >= 0) || !(stepTolerance >= 0) || maxIterations < 0) {
      throw new IllegalArgumentException(
          "stopping: expected tolerances and a number of iterations that are not negative, got gradient %s, step %s, iterations %d"
              .formatted(gradientTolerance, stepTolerance, maxIterations));
    }
  }

  /** The largest move of an element, relative to the largest element (at least 1). */
  static double moved(double[] from, double[] to) {
    return Vectors.largest(Vectors.minus(to, from)) / Math.max(1, Vectors.largest(from));
  }

  /** The reason for people, with what to do if the method did not converge. */
  String message(Reason reason, double value, double gradientNorm) {
    return switch (reason) {
      case GRADIENT ->
          "the gradient's norm %.3g is at most %.3g".formatted(gradientNorm, gradientTolerance);
      case STEP -> "the last step moved no element by more than %.3g".formatted(stepTolerance);
      case LINE_SEARCH ->
          "no better point was found where the gradient's norm is %.3g: the precision is exhausted, or the function is not smooth; check the gradient, or ask for a gradient tolerance above it"
              .formatted(gradientNorm);
      case ITERATIONS ->
          "%d iterations were not enough, the gradient's norm is still %.3g; allow more, or start closer"
              .formatted(maxIterations, gradientNorm);
      case DIVERGED ->
          "the value became %.3g: the function has no minimum from here, or is not defined; start elsewhere"
              .formatted(value);
      case INFEASIBLE -> "the constraints cannot be met from here; start elsewhere";
    };
  }
}
