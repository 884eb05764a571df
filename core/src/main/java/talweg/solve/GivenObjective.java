package talweg.solve;

import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** A function whose gradient is given; second derivatives are differences of it. */
record GivenObjective(Function<double[], Evaluation> function, ToDoubleFunction<double[]> values)
    implements Objective {
  /** The cube root of the rounding error balances it against the error of the difference. */
  private static final double STEP = Math.cbrt(Math.ulp(1.0));

  @Override
  public double value(double[] x) {
    return values.applyAsDouble(x);
  }

  @Override
  public Evaluation evaluate(double[] x) {
    return function.apply(x);
  }

  @Override
  public double[] hessianProduct(double[] x, double[] v) {
    double length = Vectors.norm(v);
    if (length == 0) {
      return new double[x.length];
    }
    double h = STEP * Math.max(1, Vectors.largest(x)) / length;
    double[] ahead = evaluate(Vectors.plus(x, h, v)).gradient();
    double[] behind = evaluate(Vectors.plus(x, -h, v)).gradient();
    return Vectors.times(1 / (2 * h), Vectors.minus(ahead, behind));
  }

  /** Symmetric, which differences are only up to their error. */
  @Override
  public double[][] hessian(double[] x) {
    double[][] h = Objective.super.hessian(x);
    for (int i = 0; i < h.length; i++) {
      for (int j = 0; j < i; j++) {
        h[i][j] = h[j][i] = (h[i][j] + h[j][i]) / 2;
      }
    }
    return h;
  }
}
