package talweg.solve;

import java.util.Locale;

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
          String.format(
              Locale.ROOT,
              "stopping: expected tolerances and a number of iterations that are not negative, got"
                  + " gradient %s, step %s, iterations %d",
              gradientTolerance,
              stepTolerance,
              maxIterations));
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
          String.format(
              Locale.ROOT,
              "the gradient's norm %.3g is at most %.3g",
              gradientNorm,
              gradientTolerance);
      case STEP ->
          String.format(
              Locale.ROOT, "the last step moved no element by more than %.3g", stepTolerance);
      case LINE_SEARCH ->
          String.format(
              Locale.ROOT,
              "no better point was found where the gradient's norm is %.3g: the precision is"
                  + " exhausted, or the function is not smooth; check the gradient, or ask for a"
                  + " gradient tolerance above it",
              gradientNorm);
      case ITERATIONS ->
          String.format(
              Locale.ROOT,
              "%d iterations were not enough, the gradient's norm is still %.3g; allow more, or"
                  + " start closer",
              maxIterations,
              gradientNorm);
      case DIVERGED ->
          String.format(
              Locale.ROOT,
              "the value became %.3g: the function has no minimum from here, or is not defined;"
                  + " start elsewhere",
              value);
      case INFEASIBLE -> "the constraints cannot be met from here; start elsewhere";
    };
  }
}
