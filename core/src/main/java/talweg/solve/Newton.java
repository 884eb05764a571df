package talweg.solve;

/**
 * Newton's method with the exact Hessian and a line search (Nocedal and Wright, section 3.3).
 *
 * <p>Where the Hessian is not positive definite, its eigenvalues are replaced by their magnitudes
 * (section 3.4; Gill, Murray and Wright 1981), so that the method runs away from saddles. At a
 * stationary point with a negative eigenvalue it goes on along the eigenvector; so it ends at
 * minima only. Iterates do not depend on an affine change of variables where the function is
 * convex.
 *
 * @param maxHessian up to this number of variables the Hessian is formed; beyond, {@link NewtonCg}
 *     takes over
 */
public record Newton(Stopping stopping, int maxHessian) implements Minimizer {
  /** To the limits of double precision for well-scaled problems; Hessians up to 200 by 200. */
  public static final Newton DEFAULT = new Newton(new Stopping(1e-10, 1e-14, 200), 200);

  private static final StrongWolfe SEARCH = StrongWolfe.of(0.9);

  /** Eigenvalues below this share of the largest are taken as 0. */
  private static final double NEGLIGIBLE = 1e-10;

  @Override
  public Solution minimize(Objective objective, double[] start) {
    if (start.length > maxHessian) {
      return new NewtonCg(stopping).minimize(objective, start);
    }
    return new Descent(objective, start, new Exact(objective), SEARCH, stopping).run();
  }

  private record Exact(Objective objective) implements Directions {
    @Override
    public double[] next(double[] point, double[] gradient) {
      double[] downhill = Vectors.times(-1, gradient);
      double[][] hessian = objective.hessian(point);
      Cholesky cholesky = Cholesky.of(hessian);
      return cholesky != null ? cholesky.solve(downhill) : modified(hessian, downhill);
    }

    @Override
    public boolean isScaled() {
      return true;
    }

    @Override
    public double[] negativeCurvature(double[] point) {
      double[][] hessian = objective.hessian(point);
      if (Cholesky.of(hessian) != null || !isFinite(hessian)) {
        return null;
      }
      SymmetricEigen eigen = SymmetricEigen.of(hessian);
      int smallest = eigen.smallest();
      double negligible = NEGLIGIBLE * Vectors.largest(eigen.values());
      return eigen.values()[smallest] < -negligible ? eigen.vectors()[smallest] : null;
    }

    /** The right side times the inverse of the Hessian with positive eigenvalues. */
    private static double[] modified(double[][] hessian, double[] right) {
      if (!isFinite(hessian)) {
        return right;
      }
      SymmetricEigen eigen = SymmetricEigen.of(hessian);
      double largest = Vectors.largest(eigen.values());
      if (largest == 0) {
        return right;
      }
      double[] direction = new double[right.length];
      for (int i = 0; i < right.length; i++) {
        double[] vector = eigen.vectors()[i];
        double curvature = Math.max(Math.abs(eigen.values()[i]), NEGLIGIBLE * largest);
        direction = Vectors.plus(direction, Vectors.dot(vector, right) / curvature, vector);
      }
      return direction;
    }

    private static boolean isFinite(double[][] matrix) {
      for (double[] row : matrix) {
        if (!Vectors.isFinite(row)) {
          return false;
        }
      }
      return true;
    }
  }
}
