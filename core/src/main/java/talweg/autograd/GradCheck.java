package talweg.autograd;

import java.util.List;
import java.util.function.Function;
import talweg.error.DTypeException;
import talweg.session.Scope;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/**
 * Compares gradients with centred differences, {@code (f(x + h) - f(x - h)) / 2h}, in double
 * precision.
 *
 * <p>The function may have any output; it is reduced to a scalar with fixed weights, so that errors
 * of different outputs do not cancel.
 */
public final class GradCheck {
  private static final double STEP = 1e-5;

  private GradCheck() {}

  /**
   * Worst deviation found.
   *
   * @param input position of the operand
   * @param element position in it, row-major
   * @param analytic the gradient by autodiff
   * @param numeric the centred difference
   * @param error |analytic - numeric| / max(1, |analytic|, |numeric|)
   */
  public record Result(int input, long element, double analytic, double numeric, double error) {
    /**
     * Whether the worst error is within {@code tolerance}; 1e-6 suits smooth functions of moderate
     * values.
     */
    public boolean passes(double tolerance) {
      return error <= tolerance;
    }
  }

  /** Checks first derivatives of {@code f} at {@code inputs}, which must be F64. */
  public static Result check(Function<List<Tensor>, Tensor> f, List<Tensor> inputs) {
    return compare(inputs, x -> weighted(f.apply(x)), x -> weighted(f.apply(x)));
  }

  /**
   * Checks second derivatives: the gradient of a fixed combination of the first derivatives. The
   * differences are those of first derivatives that are not recorded, so that a recorded one that
   * is wrong, or missing, is noticed, too.
   */
  public static Result checkSecondOrder(Function<List<Tensor>, Tensor> f, List<Tensor> inputs) {
    return compare(
        inputs,
        x -> sum(Gradients.of(weighted(f.apply(x))).createGraph().wrt(x)),
        x -> sum(Gradients.of(weighted(f.apply(x))).wrt(x)));
  }

  private static Tensor sum(List<Tensor> gradients) {
    return gradients.stream().map(GradCheck::weighted).reduce(Tensor::add).orElseThrow();
  }

  /**
   * Compares the gradient of {@code scalar} with differences of {@code values}, which computes the
   * same number.
   */
  private static Result compare(
      List<Tensor> inputs,
      Function<List<Tensor>, Tensor> scalar,
      Function<List<Tensor>, Tensor> values) {
    inputs.forEach(GradCheck::requireDouble);
    Session session = inputs.getFirst().session();
    Result worst = new Result(0, 0, 0, 0, 0);
    for (int i = 0; i < inputs.size(); i++) {
      try (Scope _ = session.scope("gradient check")) {
        List<Tensor> leaves = leaves(inputs);
        Tensor y = scalar.apply(leaves);
        double[] analytic =
            y.requiresGrad()
                ? Gradients.of(y).wrt(leaves.get(i)).toDoubles()
                : new double[Math.toIntExact(inputs.get(i).size())];
        for (int e = 0; e < analytic.length; e++) {
          double numeric = difference(inputs, i, e, values);
          double error =
              Math.abs(analytic[e] - numeric)
                  / Math.max(1, Math.max(Math.abs(analytic[e]), Math.abs(numeric)));
          if (!(error <= worst.error)) {
            worst = new Result(i, e, analytic[e], numeric, error);
          }
        }
      }
    }
    return worst;
  }

  private static double difference(
      List<Tensor> inputs, int input, int element, Function<List<Tensor>, Tensor> scalar) {
    double x = inputs.get(input).toDoubles()[element];
    double h = STEP * Math.max(1, Math.abs(x));
    return (value(inputs, input, element, x + h, scalar)
            - value(inputs, input, element, x - h, scalar))
        / (2 * h);
  }

  private static double value(
      List<Tensor> inputs,
      int input,
      int element,
      double x,
      Function<List<Tensor>, Tensor> scalar) {
    try (Scope _ = inputs.getFirst().session().scope("difference")) {
      List<Tensor> leaves = leaves(inputs);
      double[] values = leaves.get(input).toDoubles();
      values[element] = x;
      leaves.get(input).detach().assign(values);
      return scalar.apply(leaves).item();
    }
  }

  private static List<Tensor> leaves(List<Tensor> inputs) {
    return inputs.stream()
        .map(t -> t.session().tensor(t.toDoubles(), t.shape().dims()).requireGrad())
        .toList();
  }

  /** sum(w_i y_i) with w_i = 1 + 0.3 sin(i): fixed, all different from each other. */
  private static Tensor weighted(Tensor y) {
    double[] weights = new double[Math.toIntExact(y.size())];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = 1 + 0.3 * Math.sin(i);
    }
    return y.mul(y.session().tensor(weights, y.shape().dims())).sum();
  }

  private static void requireDouble(Tensor input) {
    if (input.dtype() != DType.F64) {
      throw new DTypeException(
          "gradient check: needs F64 inputs, because differences in float32 lose too many digits;"
              + " got "
              + input);
    }
  }
}
