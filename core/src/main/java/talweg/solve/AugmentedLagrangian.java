package talweg.solve;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The method of multipliers (Hestenes 1969, Powell 1969; Nocedal and Wright, algorithm 17.4): a
 * sequence of minimisations without constraints of
 *
 * <pre>
 * f + sum_i (lambda_i c_i + r/2 c_i^2) + 1/(2r) sum_j (max(0, z_j - r h_j)^2 - z_j^2)
 * </pre>
 *
 * where h are the inequalities and bounds (Rockafellar 1974). After each, the multipliers become
 * {@code lambda + r c} and {@code max(0, z - r h)}, and the penalty r grows where the constraints
 * did not come closer fast enough.
 *
 * @param inner finds the minima without constraints; the more exact, the more exact the solution
 * @param constraintTolerance largest violation, and largest smaller one of h and z / r
 * @param gradientTolerance largest element of the Lagrangian's gradient, relative to 1 + the
 *     largest of f's gradient
 * @param penalty the first r
 * @param maxIterations minimisations at most
 */
public record AugmentedLagrangian(
    Minimizer inner,
    double constraintTolerance,
    double gradientTolerance,
    double penalty,
    int maxIterations)
    implements ConstrainedMinimizer {
  /** With Newton's method inside. */
  public static final AugmentedLagrangian DEFAULT =
      new AugmentedLagrangian(Newton.DEFAULT, 1e-11, 1e-9, 10, 100);

  private static final double LARGEST_PENALTY = 1e9;
  private static final double GROWTH = 10;

  /** The penalty stays where a minimisation brings the constraints closer by this factor. */
  private static final double PROGRESS = 0.25;

  /** A violation above this is one that people would see. */
  private static final double VIOLATED = 1e-6;

  public AugmentedLagrangian {
    if (!(constraintTolerance > 0)
        || !(gradientTolerance > 0)
        || !(penalty > 0)
        || maxIterations < 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "augmented Lagrangian: expected tolerances > 0, penalty > 0 and iterations >= 1, got"
                  + " %s, %s, %s and %d",
              constraintTolerance,
              gradientTolerance,
              penalty,
              maxIterations));
    }
  }

  @Override
  public Solution minimize(Problem problem, double[] start) {
    return new Search(problem, start).run();
  }

  /** One run. */
  private final class Search {
    private final Constraints constraints;
    private final List<Solution.Step> history = new ArrayList<>();
    private double[] x;
    private double[] lambda;
    private double[] z;
    private double r = penalty;
    private Constraints.Linearization at;
    private int iterations;
    private int evaluations;

    Search(Problem problem, double[] start) {
      constraints = new Constraints(problem, start.length);
      x = constraints.between(start);
      lambda = new double[constraints.equalities()];
      z = new double[constraints.inequalities()];
      at = constraints.linearize(x);
    }

    Solution run() {
      double residual = Double.POSITIVE_INFINITY;
      note();
      for (int i = 0; i < maxIterations; i++) {
        Solution found = inner.minimize(new AugmentedObjective(constraints, lambda, z, r), x);
        iterations += found.iterations();
        evaluations += found.evaluations();
        Constraints.Linearization reached = constraints.linearize(found.point());
        if (!isUsable(found, reached)) {
          // A larger penalty bounds the function from below, if the constraints do.
          if (r >= LARGEST_PENALTY || !at.values().isFinite()) {
            return solution(Reason.DIVERGED);
          }
          r *= GROWTH;
          continue;
        }
        x = found.point();
        at = reached;
        double before = residual;
        residual = residual();
        updateMultipliers();
        note();
        if (residual <= constraintTolerance && gradientError() <= gradientTolerance) {
          return solution(Reason.GRADIENT);
        }
        if (residual > PROGRESS * before && r < LARGEST_PENALTY) {
          r *= GROWTH;
        } else if (r >= LARGEST_PENALTY && isInfeasible()) {
          return solution(Reason.INFEASIBLE);
        }
      }
      return solution(isInfeasible() ? Reason.INFEASIBLE : Reason.ITERATIONS);
    }

    private boolean isUsable(Solution found, Constraints.Linearization reached) {
      return found.reason() != Reason.DIVERGED
          && reached.values().isFinite()
          && Vectors.isFinite(reached.gradient());
    }

    /** How far c is from 0, and the smaller of h and z / r, which is 0 at a solution. */
    private double residual() {
      double residual = Vectors.largest(at.values().c());
      for (int j = 0; j < z.length; j++) {
        residual = Math.max(residual, Math.abs(Math.min(at.values().h()[j], z[j] / r)));
      }
      return residual;
    }

    private void updateMultipliers() {
      lambda = Vectors.plus(lambda, r, at.values().c());
      z = AugmentedObjective.positivePart(z, r, at.values().h());
    }

    private double gradientError() {
      return Vectors.largest(at.lagrangian(lambda, z)) / (1 + Vectors.largest(at.gradient()));
    }

    private boolean isInfeasible() {
      return at.values().violation() > VIOLATED
          && Feasibility.search(constraints, x, constraintTolerance).violation() > VIOLATED;
    }

    private double gradientNorm() {
      return Vectors.norm(at.lagrangian(lambda, z));
    }

    private void note() {
      history.add(new Solution.Step(x, at.values().f(), gradientNorm()));
    }

    private Solution solution(Reason reason) {
      return new Solution(
          x,
          at.values().f(),
          gradientNorm(),
          constraints.multipliers(lambda, z),
          iterations,
          evaluations,
          reason,
          Outcome.message(reason, gradientError(), at.values().violation(), iterations),
          List.copyOf(history));
    }
  }
}
