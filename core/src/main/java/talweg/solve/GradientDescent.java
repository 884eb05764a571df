package talweg.solve;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import talweg.error.NonFiniteException;
import talweg.solve.Solution.Multipliers;

/**
 * Gradient descent with a fixed rate, {@code x <- x - rate * gradient(x)} (Cauchy 1847). It
 * converges on a function whose Hessian's eigenvalues are below 2 / rate.
 *
 * @param learningRate the fixed factor of the gradient
 * @param stopping when it ends
 */
public record GradientDescent(double learningRate, Stopping stopping) implements Minimizer {
  /** Rate 0.01, up to 10 000 steps. */
  public static final GradientDescent DEFAULT =
      new GradientDescent(1e-2, new Stopping(1e-8, 1e-14, 10_000));

  /** A value that grew by this much, relative to the first (at least 1), will not come back. */
  private static final double GROWTH = 1e6;

  public GradientDescent {
    requirePositive(learningRate);
  }

  /**
   * Takes a fixed number of steps.
   *
   * @param gradient of the function; called once a step
   * @param theta the first point; not changed
   * @return the last point
   * @throws NonFiniteException if an element becomes infinite or NaN
   */
  public static double[] gradientDescent(
      UnaryOperator<double[]> gradient, double[] theta, double learningRate, int steps) {
    requirePositive(learningRate);
    double[] x = theta.clone();
    for (int step = 1; step <= steps; step++) {
      x = Vectors.plus(x, -learningRate, gradient.apply(x));
      if (!Vectors.isFinite(x)) {
        throw new NonFiniteException(
            String.format(
                Locale.ROOT,
                "gradient descent: step %d led to an infinity or NaN; the learning rate %s is too"
                    + " large, or the gradient is not defined at the start",
                step,
                learningRate));
      }
    }
    return x;
  }

  @Override
  public Solution minimize(Objective objective, double[] start) {
    List<Solution.Step> history = new ArrayList<>();
    double[] x = start.clone();
    Objective.Evaluation at = objective.evaluate(x);
    double limit = at.value() + GROWTH * Math.max(1, Math.abs(at.value()));
    double moved = Double.POSITIVE_INFINITY;
    Reason reason;
    while (true) {
      history.add(new Solution.Step(x, at.value(), Vectors.norm(at.gradient())));
      reason = reason(at, limit, moved, history.size() - 1);
      if (reason != null) {
        break;
      }
      double[] next = Vectors.plus(x, -learningRate, at.gradient());
      moved = Stopping.moved(x, next);
      x = next;
      at = objective.evaluate(x);
    }
    Solution.Step last = history.getLast();
    return new Solution(
        x,
        at.value(),
        last.gradientNorm(),
        Multipliers.NONE,
        history.size() - 1,
        history.size(),
        reason,
        message(reason, last),
        List.copyOf(history));
  }

  /** Why to stop here, or null. */
  private Reason reason(Objective.Evaluation at, double limit, double moved, int steps) {
    if (!(at.value() <= limit) || !Vectors.isFinite(at.gradient())) {
      return Reason.DIVERGED;
    }
    if (Vectors.norm(at.gradient()) <= stopping.gradientTolerance()) {
      return Reason.GRADIENT;
    }
    if (moved <= stopping.stepTolerance()) {
      return Reason.STEP;
    }
    return steps == stopping.maxIterations() ? Reason.ITERATIONS : null;
  }

  private String message(Reason reason, Solution.Step last) {
    return reason == Reason.DIVERGED
        ? String.format(
            Locale.ROOT,
            "the value grew to %.3g: the learning rate %s is too large, or the function has no"
                + " minimum; try a tenth of it",
            last.value(),
            learningRate)
        : stopping.message(reason, last.value(), last.gradientNorm());
  }

  private static void requirePositive(double learningRate) {
    if (!(learningRate > 0 && learningRate < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "gradient descent: expected a positive learning rate, got " + learningRate);
    }
  }
}
