package talweg.solve;

import java.util.List;

/**
 * Where a minimisation ended.
 *
 * @param point the last point
 * @param value the function there
 * @param gradientNorm 2-norm of the gradient there; with constraints, of the Lagrangian's
 * @param multipliers of the constraints; {@link Multipliers#NONE} without constraints
 * @param iterations steps taken
 * @param evaluations of the function, with or without gradient; Hessian products are not counted
 * @param reason why it stopped
 * @param message the same for people, with what to do if it did not converge
 * @param history the points on the way, the start first
 */
public record Solution(
    double[] point,
    double value,
    double gradientNorm,
    Multipliers multipliers,
    int iterations,
    int evaluations,
    Reason reason,
    String message,
    List<Step> history) {

  /** A point on the way. */
  public record Step(double[] point, double value, double gradientNorm) {}

  /**
   * Multipliers with the signs of {@code L = f + equality c - inequality g - lower (x - l) - upper
   * (u - x)}, where {@code c = 0} and {@code g >= 0}; all but the first are not negative.
   */
  public record Multipliers(
      double[] equality, double[] inequality, double[] lower, double[] upper) {
    /** Without constraints. */
    public static final Multipliers NONE =
        new Multipliers(new double[0], new double[0], new double[0], new double[0]);
  }

  /** Whether the point is a solution as far as the tolerances and the precision go. */
  public boolean converged() {
    return reason.converged();
  }
}
