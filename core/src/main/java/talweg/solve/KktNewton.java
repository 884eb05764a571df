package talweg.solve;

import java.util.Locale;

/**
 * Newton's method on the conditions of Karush, Kuhn and Tucker with exact second derivatives: the
 * multipliers are unknowns beside the point (Nocedal and Wright, sections 18.1 and 19.3).
 *
 * <p>Inequalities and bounds get slacks that a logarithmic barrier keeps positive; the barrier's
 * weight goes to 0 (a primal-dual interior-point method). Points stay strictly between their
 * bounds. The curvature is corrected until the step descends (Waechter and Biegler 2006, section
 * 3.1), and a line search on an exact penalty function, with second-order corrections, makes the
 * method converge from afar. Dense linear algebra: for problems of a few hundred variables and
 * constraints.
 *
 * @param tolerance largest element of the Lagrangian's gradient, of a violation and of a product of
 *     multiplier and slack; the first and the last relative to the multipliers' mean size, if that
 *     is above 100
 * @param maxIterations Newton steps at most
 */
public record KktNewton(double tolerance, int maxIterations) implements ConstrainedMinimizer {
  /** Close to the limits of double precision for well-scaled problems. */
  public static final KktNewton DEFAULT = new KktNewton(1e-10, 300);

  public KktNewton {
    if (!(tolerance > 0) || maxIterations < 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Newton on the KKT system: expected tolerance > 0 and iterations >= 0, got %s and %d",
              tolerance,
              maxIterations));
    }
  }

  @Override
  public Solution minimize(Problem problem, double[] start) {
    return new KktSearch(problem, start, this).run();
  }
}
