package talweg.solve;

import java.util.SplittableRandom;

/**
 * Newton's method for many variables: the Newton equation is solved by conjugate gradients, which
 * need only products of the Hessian with vectors, and early where the point is far from the minimum
 * or the curvature negative (Nocedal and Wright, algorithm 7.1).
 *
 * <p>At a stationary point, conjugate gradients from a random vector look for negative curvature,
 * which they find with high probability (Royer, O'Neill and Wright 2020); if there is some, the
 * point is a saddle, and the search goes on.
 */
public record NewtonCg(Stopping stopping) implements Minimizer {
  /** To the limits of double precision for well-scaled problems. */
  public static final NewtonCg DEFAULT = new NewtonCg(Newton.DEFAULT.stopping());

  private static final StrongWolfe SEARCH = StrongWolfe.of(0.9);

  /** The inner solve is at least this exact, relative to the gradient. */
  private static final double FORCING = 1e-2;

  /** Curvature below this share of the largest seen is taken as 0. */
  private static final double NEGLIGIBLE = 1e-10;

  /** Products that a look for negative curvature takes at most. */
  private static final int MAX_PROBES = 200;

  @Override
  public Solution minimize(Objective objective, double[] start) {
    return new Descent(objective, start, new Truncated(objective), SEARCH, stopping).run();
  }

  private record Truncated(Objective objective) implements Directions {
    @Override
    public double[] next(double[] point, double[] gradient) {
      double norm = Vectors.norm(gradient);
      double enough = Math.min(FORCING, Math.sqrt(norm)) * norm;
      double[] z = new double[gradient.length];
      double[] residual = gradient.clone();
      double[] d = Vectors.times(-1, gradient);
      double squared = Vectors.dot(residual, residual);
      // In exact arithmetic n products suffice; rounding may need a few more.
      for (int i = 0; i < 2 * gradient.length; i++) {
        double[] product = objective.hessianProduct(point, d);
        double curvature = Vectors.dot(d, product);
        if (!(curvature > 0)) {
          return i == 0 ? d : z;
        }
        double step = squared / curvature;
        z = Vectors.plus(z, step, d);
        residual = Vectors.plus(residual, step, product);
        double next = Vectors.dot(residual, residual);
        if (Math.sqrt(next) <= enough) {
          break;
        }
        d = Vectors.plus(Vectors.times(-1, residual), next / squared, d);
        squared = next;
      }
      return z;
    }

    @Override
    public boolean isScaled() {
      return true;
    }

    @Override
    public double[] negativeCurvature(double[] point) {
      double[] d = random(point.length);
      double[] residual = d.clone();
      double squared = Vectors.dot(residual, residual);
      double first = squared;
      double largest = 0;
      for (int i = 0; i < Math.min(2 * point.length, MAX_PROBES); i++) {
        double[] product = objective.hessianProduct(point, d);
        double length = Vectors.norm(d);
        largest = Math.max(largest, Vectors.norm(product) / length);
        double curvature = Vectors.dot(d, product);
        if (curvature < -NEGLIGIBLE * largest * length * length) {
          return Vectors.times(1 / length, d);
        }
        if (!(curvature > 0)) {
          return null;
        }
        residual = Vectors.plus(residual, -squared / curvature, product);
        double next = Vectors.dot(residual, residual);
        if (next <= first * NEGLIGIBLE * NEGLIGIBLE) {
          return null;
        }
        d = Vectors.plus(residual, next / squared, d);
        squared = next;
      }
      return null;
    }

    /** The same numbers each time: a minimisation is reproducible. */
    private static double[] random(int n) {
      SplittableRandom random = new SplittableRandom(1);
      return random.doubles(n, -1, 1).toArray();
    }
  }
}
