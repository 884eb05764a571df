package talweg.conformance;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import talweg.nn.Losses;
import talweg.nn.Reduction;
import talweg.session.Session;
import talweg.solve.Newton;
import talweg.solve.Objective;
import talweg.solve.Solution;
import talweg.solve.Stopping;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/**
 * Regressions whose optimum is known: the stated objective is minimised by {@link Newton}. The
 * unknown is the vector of all weights followed by the intercept or intercepts.
 */
final class RegressionRunner implements AreaRunner {
  /** Beyond what single precision resolves: there the search ends where rounding stops it. */
  private static final Newton NEWTON = new Newton(new Stopping(1e-12, 1e-15, 100), 200);

  @Override
  public void run(Field golden, Session session, DType dtype, Comparison comparison) {
    Problem problem = new Problem(golden, session, dtype);
    String text = golden.get("problem").text();
    if (text.startsWith("minimise |X*w + b - y|^2 + lambda*|w|^2")) {
      Solution optimum = problem.minimize(problem::squares, problem.features + 1);
      comparison.scaled(
          "residual_sum_of_squares",
          new double[] {problem.residual(optimum.point())},
          golden.get("expected").get("residual_sum_of_squares").reference());
      problem.compare(optimum, "w", comparison);
    } else if (text.startsWith("minimise mean_i log(1+exp(-s_i*(x_i.w + b))) + lambda/2*|w|^2")) {
      problem.compare(problem.minimize(problem::logistic, problem.features + 1), "w", comparison);
    } else if (text.startsWith("minimise mean_i cross_entropy(x_i*W^T + b, y_i)")) {
      int unknowns = problem.classes() * (problem.features + 1);
      problem.compare(problem.minimize(problem::softmax, unknowns), "W", comparison);
    } else {
      throw new NotOffered("problem \"" + text + "\"");
    }
  }

  private static final class Problem {
    private final Field golden;
    private final Session session;
    private final DType dtype;
    private final Tensor x;
    private final Tensor y;
    private final int features;
    private final double lambda;

    Problem(Field golden, Session session, DType dtype) {
      this.golden = golden;
      this.session = session;
      this.dtype = dtype;
      this.x = golden.get("data").get("X").tensor(session, dtype);
      this.y = golden.get("data").get("y").tensor(session, dtype);
      this.features = x.shape().dim(1);
      this.lambda = golden.get("lambda").number();
    }

    Solution minimize(UnaryOperator<Tensor> objective, int unknowns) {
      double[] start = golden.has("start") ? golden.get("start").numbers() : new double[unknowns];
      return NEWTON.minimize(Objective.of(session, dtype, objective), start);
    }

    Tensor squares(Tensor theta) {
      Tensor w = theta.slice(0, 0, features);
      return predicted(theta).sub(y).square().sum().add(w.square().sum().mul(lambda));
    }

    Tensor logistic(Tensor theta) {
      Tensor w = theta.slice(0, 0, features);
      Tensor fit = Losses.bceWithLogits(predicted(theta), y.to(dtype), null, Reduction.MEAN);
      return fit.add(w.square().sum().mul(lambda / 2));
    }

    /** Here the intercepts are penalised, too. */
    Tensor softmax(Tensor theta) {
      int classes = classes();
      Tensor w = theta.slice(0, 0, classes * features).reshape(classes, features);
      Tensor b = theta.slice(0, classes * features, classes * (features + 1));
      Tensor fit = Losses.crossEntropy(x.matmul(w, false, true).add(b), y);
      return fit.add(theta.square().sum().mul(lambda / 2));
    }

    int classes() {
      return golden.get("expected").get("b").reference().length;
    }

    double residual(double[] theta) {
      Tensor point = Field.real(session, dtype, theta, theta.length);
      return predicted(point).sub(y).square().sum().item();
    }

    void compare(Solution optimum, String weights, Comparison comparison) {
      Field expected = golden.get("expected");
      double[] w = expected.get(weights).reference();
      double[] point = optimum.point();
      comparison.scaled(weights, Arrays.copyOf(point, w.length), w);
      comparison.scaled(
          "b", Arrays.copyOfRange(point, w.length, point.length), expected.get("b").reference());
      double objective = expected.get("objective").number();
      Field tolerance = golden.get("tolerance");
      if (dtype == DType.F64 && tolerance.has("objective_abs")) {
        double bound = tolerance.get("objective_abs").number();
        comparison.absolute("objective", optimum.value(), objective, bound);
      } else {
        comparison.scaled("objective", new double[] {optimum.value()}, new double[] {objective});
      }
    }

    private Tensor predicted(Tensor theta) {
      Tensor w = theta.slice(0, 0, features);
      Tensor b = theta.slice(0, features, features + 1);
      return x.matmul(w).add(b);
    }
  }
}
