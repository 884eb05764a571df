package talweg.solve;

import java.util.Arrays;

/**
 * The Newton equations of a barrier problem at one point, with the slacks' rows eliminated:
 *
 * <pre>
 * [ W + dI + Jh' (z/s) Jh   Jc'   ] [ dx      ]     [ gradient of L - Jh' (m/s - z - (z/s) r) ]
 * [ Jc                      -eI   ] [ dlambda ] = - [ c                                       ]
 * </pre>
 *
 * where r = h - s and m is the barrier's weight. The curvature d is 0 unless the step would not
 * descend, and e is 0 unless the rows of Jc depend on each other.
 */
final class KktSystem {
  /** The unknowns' changes. */
  record Step(double[] x, double[] s, double[] lambda, double[] z) {}

  private static final double FIRST_CURVATURE = 1e-4;
  private static final double LARGEST_CURVATURE = 1e40;
  private static final double DEPENDENT = 1e-9;

  private final Constraints.Linearization at;
  private final double[][] hessian;
  private final double[] s;
  private final double[] lambda;
  private final double[] z;
  private final double barrier;
  private final int n;
  private final int m;
  private LinearSystem factors;
  private double curvature;

  KktSystem(
      Constraints.Linearization at,
      double[][] hessian,
      double[] s,
      double[] lambda,
      double[] z,
      double barrier) {
    this.at = at;
    this.hessian = hessian;
    this.s = s;
    this.lambda = lambda;
    this.z = z;
    this.barrier = barrier;
    this.n = hessian.length;
    this.m = lambda.length;
  }

  /**
   * Factors the matrix with as little added curvature as gives it n positive and m negative
   * eigenvalues: then the step descends.
   *
   * @param last the curvature that was added before, to begin the search at
   * @return whether that was possible
   */
  boolean factor(double last) {
    double[][] matrix = matrix();
    factors = new LinearSystem(matrix);
    if (isDescent()) {
      return true;
    }
    if (factors.isSingular()) {
      for (int i = n; i < n + m; i++) {
        matrix[i][i] = -DEPENDENT;
      }
    }
    double next = last == 0 ? FIRST_CURVATURE : Math.max(1e-20, last / 3);
    double growth = last == 0 ? 100 : 8;
    while (next < LARGEST_CURVATURE) {
      for (int i = 0; i < n; i++) {
        matrix[i][i] += next - curvature;
      }
      curvature = next;
      factors = new LinearSystem(matrix);
      if (isDescent()) {
        return true;
      }
      next *= growth;
    }
    return false;
  }

  /** What {@link #factor} added to the diagonal. */
  double curvature() {
    return curvature;
  }

  private boolean isDescent() {
    return factors.positive() == n && factors.negative() == m;
  }

  /** The Newton step. */
  Step step() {
    return step(at.values().c(), residual());
  }

  /** h - s. */
  double[] residual() {
    return Vectors.minus(at.values().h(), s);
  }

  /** The step for other residuals of the constraints, by the same factors. */
  Step step(double[] c, double[] r) {
    double[] right = new double[n + m];
    double[] gradient = at.lagrangian(lambda, z);
    for (int i = 0; i < n; i++) {
      right[i] = -gradient[i];
    }
    for (int j = 0; j < z.length; j++) {
      double weight = barrier / s[j] - z[j] - z[j] / s[j] * r[j];
      for (int i = 0; i < n; i++) {
        right[i] += weight * at.inequalities()[j][i];
      }
    }
    for (int i = 0; i < m; i++) {
      right[n + i] = -c[i];
    }
    double[] solved = factors.solve(right);
    double[] dx = Arrays.copyOf(solved, n);
    double[] dlambda = Arrays.copyOfRange(solved, n, n + m);
    double[] ds = new double[s.length];
    double[] dz = new double[s.length];
    for (int j = 0; j < ds.length; j++) {
      ds[j] = Vectors.dot(at.inequalities()[j], dx) + r[j];
      dz[j] = barrier / s[j] - z[j] - z[j] / s[j] * ds[j];
    }
    return new Step(dx, ds, dlambda, dz);
  }

  /** The barrier function's second derivative along a step, with the added curvature. */
  double curvatureAlong(Step step) {
    double sum = curvature * Vectors.dot(step.x, step.x);
    for (int i = 0; i < n; i++) {
      sum += step.x[i] * Vectors.dot(hessian[i], step.x);
    }
    for (int j = 0; j < s.length; j++) {
      sum += z[j] / s[j] * step.s[j] * step.s[j];
    }
    return sum;
  }

  private double[][] matrix() {
    double[][] matrix = new double[n + m][n + m];
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < n; k++) {
        matrix[i][k] = (hessian[i][k] + hessian[k][i]) / 2;
      }
    }
    for (int j = 0; j < s.length; j++) {
      double[] row = at.inequalities()[j];
      for (int i = 0; i < n; i++) {
        for (int k = 0; k < n && row[i] != 0; k++) {
          matrix[i][k] += z[j] / s[j] * row[i] * row[k];
        }
      }
    }
    for (int i = 0; i < m; i++) {
      for (int k = 0; k < n; k++) {
        matrix[n + i][k] = matrix[k][n + i] = at.equalities()[i][k];
      }
    }
    return matrix;
  }
}
