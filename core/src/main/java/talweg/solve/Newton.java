package talweg.solve;

import java.util.function.UnaryOperator;
import talweg.autograd.Gradients;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/**
 * Newton's method with conjugate gradients and a line search (Nocedal and Wright, <i>Numerical
 * Optimization</i>, 2nd ed., algorithm 7.1). The Hessian is never formed: each inner iteration
 * takes one exact Hessian-vector product by autodiff, and the inner solve stops early where it is
 * far from the minimum or meets negative curvature.
 *
 * <p>Finds a local minimum of a function that is bounded below; a start whose gradient vanishes is
 * returned as it is, whether minimum, maximum or saddle. Vectors are kept on the host in double, so
 * every evaluation waits for the device.
 *
 * @param gradientTolerance stop where the 2-norm of the gradient is at most this
 * @param stepTolerance stop where no element moves by more than this, relative to the largest
 *     element (at least 1)
 * @param maxIterations Newton steps at most
 */
public record Newton(double gradientTolerance, double stepTolerance, int maxIterations) {
  /** To the limits of double precision for well-scaled problems, at most 100 iterations. */
  public static final Newton DEFAULT = new Newton(1e-10, 1e-14, 100);

  /** The inner solve is at least this exact, relative to the gradient. */
  private static final double FORCING = 1e-2;

  private static final double SUFFICIENT_DECREASE = 1e-4;
  private static final int MAX_HALVINGS = 40;

  /** Why an iteration ended. */
  public enum Reason {
    /** The gradient is as small as asked for. */
    GRADIENT,
    /** The step is as small as asked for. */
    STEP,
    /**
     * No smaller value was found along the direction: the limit of the precision, or a function
     * that is not smooth.
     */
    LINE_SEARCH,
    ITERATIONS;

    /** Whether the point is a solution as far as the tolerances and the precision go. */
    public boolean converged() {
      return this == GRADIENT || this == STEP;
    }
  }

  /**
   * Where a minimisation ended.
   *
   * @param point the elements of the last point, row-major
   * @param value the function there
   * @param gradientNorm 2-norm of the gradient there
   * @param iterations Newton steps taken
   * @param evaluations of the function; Hessian-vector products not counted
   * @param reason why it stopped
   */
  public record Result(
      double[] point,
      double value,
      double gradientNorm,
      int iterations,
      int evaluations,
      Reason reason) {}

  /**
   * Minimises a twice differentiable function.
   *
   * @param objective a scalar of a tensor that has the shape and element type of {@code start}
   * @param start the first point, F32 or F64; not changed
   */
  public Result minimize(UnaryOperator<Tensor> objective, Tensor start) {
    return new Search(objective, start).run();
  }

  /** One minimisation. */
  private final class Search {
    private final UnaryOperator<Tensor> objective;
    private final Session session;
    private final DType dtype;
    private final int[] dims;
    private final double rounding;
    private double[] point;
    private double value;
    private double gradientNorm;
    private int evaluations;

    Search(UnaryOperator<Tensor> objective, Tensor start) {
      this.objective = objective;
      this.session = start.session();
      this.dtype = start.dtype();
      this.dims = start.shape().dims();
      this.rounding = 4 * (dtype == DType.F64 ? Math.ulp(1.0) : Math.ulp(1f));
      this.point = start.toDoubles();
    }

    Result run() {
      for (int iteration = 0; ; iteration++) {
        double[] gradient;
        double[] direction;
        try (var _ = session.scope("newton")) {
          Tensor theta = leaf(point);
          Tensor y = objective.apply(theta);
          Tensor graph = Gradients.of(y).createGraph().wrt(theta);
          evaluations++;
          value = y.item();
          gradient = graph.toDoubles();
          gradientNorm = norm(gradient);
          if (gradientNorm <= gradientTolerance) {
            return result(iteration, Reason.GRADIENT);
          }
          if (iteration == maxIterations) {
            return result(iteration, Reason.ITERATIONS);
          }
          direction = direction(gradient, v -> product(graph, theta, v));
        }
        double[] next = lineSearch(direction, dot(gradient, direction));
        if (next == null) {
          return result(iteration, Reason.LINE_SEARCH);
        }
        double moved = largest(minus(next, point)) / Math.max(1, largest(point));
        point = next;
        if (moved <= stepTolerance) {
          evaluate();
          return result(iteration + 1, Reason.STEP);
        }
      }
    }

    /**
     * Conjugate gradients on H p = -g, truncated at the forcing tolerance or at negative curvature.
     */
    private double[] direction(double[] gradient, UnaryOperator<double[]> hessian) {
      double enough = Math.min(FORCING, Math.sqrt(gradientNorm)) * gradientNorm;
      double[] z = new double[gradient.length];
      double[] residual = gradient.clone();
      double[] d = plus(z, -1, gradient);
      double squared = dot(residual, residual);
      // In exact arithmetic n products suffice; rounding may need a few more.
      for (int i = 0; i < 2 * gradient.length; i++) {
        double[] product = hessian.apply(d);
        double curvature = dot(d, product);
        if (!(curvature > 0)) {
          return i == 0 ? d : z;
        }
        double step = squared / curvature;
        z = plus(z, step, d);
        residual = plus(residual, step, product);
        double next = dot(residual, residual);
        if (Math.sqrt(next) <= enough) {
          break;
        }
        d = plus(minus(new double[d.length], residual), next / squared, d);
        squared = next;
      }
      return z;
    }

    /**
     * Halves the step until the value decreases enough (Armijo). Where the decrease is lost in the
     * rounding of the value, a smaller gradient decides instead, which is exact for longer.
     */
    private double[] lineSearch(double[] direction, double slope) {
      double before = value;
      double normBefore = gradientNorm;
      double step = 1;
      for (int i = 0; i < MAX_HALVINGS; i++, step /= 2) {
        double[] next = rounded(plus(point, step, direction));
        double found = valueAt(next);
        if (found < before && found <= before + SUFFICIENT_DECREASE * step * slope) {
          return next;
        }
        if (Math.abs(found - before) <= rounding * Math.abs(before)
            && gradientNormAt(next) < normBefore / 2) {
          return next;
        }
      }
      return null;
    }

    /** The nearest point that the element type can hold. */
    private double[] rounded(double[] x) {
      for (int i = 0; dtype == DType.F32 && i < x.length; i++) {
        x[i] = (float) x[i];
      }
      return x;
    }

    private double valueAt(double[] x) {
      evaluations++;
      try (var _ = session.scope("newton value");
          var _ = session.noGrad()) {
        return objective.apply(leaf(x)).item();
      }
    }

    private double gradientNormAt(double[] x) {
      try (var _ = session.scope("newton gradient")) {
        Tensor theta = leaf(x);
        Tensor y = objective.apply(theta);
        return norm(Gradients.of(y).wrt(theta).toDoubles());
      }
    }

    private void evaluate() {
      value = valueAt(point);
      gradientNorm = gradientNormAt(point);
    }

    private double[] product(Tensor gradient, Tensor theta, double[] v) {
      try (var _ = session.scope("hessian-vector product")) {
        Tensor vector = session.tensor(v, dims).to(dtype);
        return Gradients.hessianVectorProduct(gradient, theta, vector).toDoubles();
      }
    }

    private Tensor leaf(double[] x) {
      try (var _ = session.noGrad()) {
        return session.tensor(x, dims).to(dtype).requireGrad();
      }
    }

    private Result result(int iterations, Reason reason) {
      return new Result(point, value, gradientNorm, iterations, evaluations, reason);
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double norm(double[] a) {
    return Math.sqrt(dot(a, a));
  }

  private static double largest(double[] a) {
    double largest = 0;
    for (double x : a) {
      largest = Math.max(largest, Math.abs(x));
    }
    return largest;
  }

  /** a + factor * b. */
  private static double[] plus(double[] a, double factor, double[] b) {
    double[] out = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      out[i] = a[i] + factor * b[i];
    }
    return out;
  }

  private static double[] minus(double[] a, double[] b) {
    return plus(a, -1, b);
  }
}
