package talweg.solve;

/**
 * Looks for a point that meets the constraints: the sum of squares of their violations, minimised
 * by the method of Levenberg and Marquardt (Nocedal and Wright, section 10.3).
 */
final class Feasibility {
  private static final int MAX_ITERATIONS = 500;
  private static final double LARGEST_DAMPING = 1e16;

  private Feasibility() {}

  /**
   * The point found.
   *
   * @param violation the largest; not small where the search is stuck, which it is where the
   *     constraints contradict each other
   */
  record Found(double[] point, double violation) {}

  /** Searches from a point until no constraint is violated by more than {@code tolerance}. */
  static Found search(Constraints constraints, double[] start, double tolerance) {
    double[] x = constraints.between(start);
    Constraints.Linearization at = constraints.linearize(x);
    double damping = 1e-3;
    for (int i = 0; i < MAX_ITERATIONS && at.values().violation() > tolerance; i++) {
      double before = squares(at.values());
      double[] next = null;
      double after = before;
      while (damping < LARGEST_DAMPING) {
        next = constraints.between(Vectors.plus(x, 1, step(at, damping)));
        Constraints.Values values = constraints.values(next);
        after = squares(values);
        if (values.isFinite() && after < before) {
          break;
        }
        damping *= 4;
      }
      if (!(after < before)) {
        break;
      }
      x = next;
      at = constraints.linearize(x);
      damping = Math.max(1e-12, damping / 10);
      if (before - after <= 1e-12 * before) {
        break;
      }
    }
    return new Found(x, at.values().violation());
  }

  /** The minimum of |v + J d|^2 + damping |d|^2, with the size of J's columns in the damping. */
  private static double[] step(Constraints.Linearization at, double damping) {
    int n = at.gradient().length;
    double[][] normal = new double[n][n];
    double[] right = new double[n];
    double[] c = at.values().c();
    for (int i = 0; i < c.length; i++) {
      add(normal, right, at.equalities()[i], c[i]);
    }
    double[] h = at.values().h();
    for (int j = 0; j < h.length; j++) {
      if (h[j] < 0) {
        add(normal, right, at.inequalities()[j], h[j]);
      }
    }
    for (int i = 0; i < n; i++) {
      normal[i][i] += damping * Math.max(1e-6, normal[i][i]);
    }
    LinearSystem system = new LinearSystem(normal);
    return system.isSingular() ? right : system.solve(right);
  }

  private static void add(double[][] normal, double[] right, double[] row, double value) {
    for (int i = 0; i < row.length; i++) {
      right[i] -= row[i] * value;
      for (int j = 0; j < row.length; j++) {
        normal[i][j] += row[i] * row[j];
      }
    }
  }

  private static double squares(Constraints.Values values) {
    double sum = Vectors.dot(values.c(), values.c());
    for (double value : values.h()) {
      sum += value < 0 ? value * value : 0;
    }
    return sum;
  }
}
