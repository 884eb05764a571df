package talweg.solve;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A problem's constraints in two rows: c(x) = 0 and h(x) &gt;= 0, where h holds the inequalities
 * and then the bounds. A variable between equal bounds is an equality.
 */
final class Constraints {
  /** sign * (x[index] - bound), with sign 1 for a lower and -1 for an upper bound. */
  private record Bound(int index, int sign, double bound) {
    double value(double[] x) {
      return sign * (x[index] - bound);
    }
  }

  /** Values at a point; of c and h as above. */
  record Values(double f, double[] c, double[] h) {
    boolean isFinite() {
      return Double.isFinite(f + sum(c) + sum(h));
    }

    private static double sum(double[] a) {
      double sum = 0;
      for (double x : a) {
        sum += x;
      }
      return sum;
    }

    /** How far the constraints are from being met, as the largest of them. */
    double violation() {
      double violation = Vectors.largest(c);
      for (double value : h) {
        violation = Math.max(violation, -value);
      }
      return violation;
    }
  }

  /** Values and first derivatives at a point; a row of a Jacobian for each constraint. */
  record Linearization(
      Values values, double[] gradient, double[][] equalities, double[][] inequalities) {
    /** The gradient of f + lambda c - z h. */
    double[] lagrangian(double[] lambda, double[] z) {
      double[] sum = gradient;
      for (int i = 0; i < lambda.length; i++) {
        sum = Vectors.plus(sum, lambda[i], equalities[i]);
      }
      for (int j = 0; j < z.length; j++) {
        sum = Vectors.plus(sum, -z[j], inequalities[j]);
      }
      return sum;
    }
  }

  private final Problem problem;
  private final int n;
  private final List<Bound> fixed = new ArrayList<>();
  private final List<Bound> bounds = new ArrayList<>();
  private int evaluations;

  Constraints(Problem problem, int n) {
    this.problem = problem;
    this.n = n;
    for (double[] side : List.of(problem.lower(), problem.upper())) {
      if (side.length != 0 && side.length != n) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "minimize: expected a bound for each of the %d variables, got %d",
                n,
                side.length));
      }
    }
    for (int i = 0; i < n; i++) {
      double low = lower(i);
      double high = upper(i);
      if (low == high) {
        fixed.add(new Bound(i, 1, low));
        continue;
      }
      if (low > Double.NEGATIVE_INFINITY) {
        bounds.add(new Bound(i, 1, low));
      }
      if (high < Double.POSITIVE_INFINITY) {
        bounds.add(new Bound(i, -1, high));
      }
    }
  }

  int equalities() {
    return problem.equalities().size() + fixed.size();
  }

  int inequalities() {
    return problem.inequalities().size() + bounds.size();
  }

  /** Whether h[j] is a bound's distance. */
  boolean isBound(int j) {
    return j >= problem.inequalities().size();
  }

  /** How often f was evaluated. */
  int evaluations() {
    return evaluations;
  }

  Values values(double[] x) {
    evaluations++;
    List<Objective> functions = problem.equalities();
    double[] c = new double[equalities()];
    for (int i = 0; i < c.length; i++) {
      c[i] =
          i < functions.size()
              ? functions.get(i).value(x)
              : fixed.get(i - functions.size()).value(x);
    }
    functions = problem.inequalities();
    double[] h = new double[inequalities()];
    for (int j = 0; j < h.length; j++) {
      h[j] =
          j < functions.size()
              ? functions.get(j).value(x)
              : bounds.get(j - functions.size()).value(x);
    }
    return new Values(problem.objective().value(x), c, h);
  }

  Linearization linearize(double[] x) {
    evaluations++;
    Objective.Evaluation f = problem.objective().evaluate(x);
    double[] c = new double[equalities()];
    double[] h = new double[inequalities()];
    double[][] jc = rows(problem.equalities(), fixed, x, c);
    double[][] jh = rows(problem.inequalities(), bounds, x, h);
    return new Linearization(new Values(f.value(), c, h), f.gradient(), jc, jh);
  }

  private double[][] rows(
      List<Objective> functions, List<Bound> linear, double[] x, double[] values) {
    double[][] rows = new double[values.length][];
    int i = 0;
    for (Objective function : functions) {
      Objective.Evaluation at = function.evaluate(x);
      values[i] = at.value();
      rows[i++] = at.gradient();
    }
    for (Bound bound : linear) {
      values[i] = bound.value(x);
      rows[i] = new double[n];
      rows[i++][bound.index] = bound.sign;
    }
    return rows;
  }

  /** The Hessian of f + lambda c - z h; bounds are linear. */
  double[][] hessian(double[] x, double[] lambda, double[] z) {
    double[][] sum = problem.objective().hessian(x).clone();
    for (int i = 0; i < problem.equalities().size(); i++) {
      sum = plus(sum, lambda[i], problem.equalities().get(i), x);
    }
    for (int j = 0; j < problem.inequalities().size(); j++) {
      sum = plus(sum, -z[j], problem.inequalities().get(j), x);
    }
    return sum;
  }

  /** The same times a vector. */
  double[] hessianProduct(double[] x, double[] lambda, double[] z, double[] v) {
    double[] sum = problem.objective().hessianProduct(x, v);
    for (int i = 0; i < problem.equalities().size(); i++) {
      if (lambda[i] != 0) {
        Objective c = problem.equalities().get(i);
        sum = Vectors.plus(sum, lambda[i], c.hessianProduct(x, v));
      }
    }
    for (int j = 0; j < problem.inequalities().size(); j++) {
      if (z[j] != 0) {
        Objective g = problem.inequalities().get(j);
        sum = Vectors.plus(sum, -z[j], g.hessianProduct(x, v));
      }
    }
    return sum;
  }

  private static double[][] plus(double[][] a, double factor, Objective function, double[] x) {
    // What has no weight need not have a Hessian here.
    if (factor == 0) {
      return a;
    }
    double[][] b = function.hessian(x);
    double[][] sum = new double[a.length][];
    for (int i = 0; i < a.length; i++) {
      sum[i] = Vectors.plus(a[i], factor, b[i]);
    }
    return sum;
  }

  /** The nearest point between the bounds. */
  double[] between(double[] x) {
    double[] out = x.clone();
    for (int i = 0; i < n; i++) {
      out[i] = Math.clamp(x[i], lower(i), upper(i));
    }
    return out;
  }

  /** A point near x that is off its bounds, by a share of their distance or size. */
  double[] inside(double[] x, double share) {
    double[] out = x.clone();
    for (int i = 0; i < n; i++) {
      double width = upper(i) - lower(i);
      double fromLower = Math.min(share * Math.max(1, Math.abs(lower(i))), share * width);
      double fromUpper = Math.min(share * Math.max(1, Math.abs(upper(i))), share * width);
      double low = Double.isInfinite(lower(i)) ? lower(i) : lower(i) + fromLower;
      double high = Double.isInfinite(upper(i)) ? upper(i) : upper(i) - fromUpper;
      out[i] = Math.clamp(x[i], low, high);
    }
    return out;
  }

  /** Multipliers of c and h as those of the problem. */
  Solution.Multipliers multipliers(double[] lambda, double[] z) {
    double[] equality = Arrays.copyOf(lambda, problem.equalities().size());
    double[] inequality = Arrays.copyOf(z, problem.inequalities().size());
    double[] lower = new double[n];
    double[] upper = new double[n];
    for (int i = 0; i < fixed.size(); i++) {
      double value = lambda[equality.length + i];
      lower[fixed.get(i).index] = Math.max(0, -value);
      upper[fixed.get(i).index] = Math.max(0, value);
    }
    for (int j = 0; j < bounds.size(); j++) {
      Bound bound = bounds.get(j);
      (bound.sign > 0 ? lower : upper)[bound.index] = z[inequality.length + j];
    }
    return new Solution.Multipliers(equality, inequality, lower, upper);
  }

  private double lower(int i) {
    return problem.lower().length == 0 ? Double.NEGATIVE_INFINITY : problem.lower()[i];
  }

  private double upper(int i) {
    return problem.upper().length == 0 ? Double.POSITIVE_INFINITY : problem.upper()[i];
  }
}
