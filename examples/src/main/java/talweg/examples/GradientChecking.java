package talweg.examples;

import java.util.List;
import java.util.function.Function;
import talweg.autograd.GradCheck;
import talweg.session.Session;
import talweg.tensor.Tensor;

/**
 * Is a gradient right? Centred differences tell. A function of one's own passes; the same function
 * with a factor that autodiff does not see - a common mistake - is caught.
 */
public final class GradientChecking {
  private static final double TOLERANCE = 1e-6;

  private GradientChecking() {}

  public static void main(String[] args) {
    report("right", check(GradientChecking::right));
    report("wrong", check(GradientChecking::wrong));
  }

  /** The weighted norm of swish(x w). */
  static Tensor right(List<Tensor> inputs) {
    Tensor z = inputs.get(0).matmul(inputs.get(1));
    return z.mul(z.sigmoid()).square().sum().sqrt();
  }

  /** The same value, but the gate is detached: its part of the product rule is lost. */
  static Tensor wrong(List<Tensor> inputs) {
    Tensor z = inputs.get(0).matmul(inputs.get(1));
    return z.mul(z.sigmoid().detach()).square().sum().sqrt();
  }

  static GradCheck.Result check(Function<List<Tensor>, Tensor> function) {
    try (Session session = Session.open("reference")) {
      Tensor x = session.tensor(new double[] {0.3, -1.2, 0.7, 1.5, -0.4, 0.9}, 2, 3);
      Tensor w = session.tensor(new double[] {0.5, -0.8, 1.1, 0.2, -0.6, 0.4}, 3, 2);
      return GradCheck.check(function, List.of(x, w));
    }
  }

  private static void report(String name, GradCheck.Result worst) {
    System.out.printf(
        "%s: %s; worst at input %d, element %d: autodiff %.8f, difference %.8f%n",
        name,
        worst.passes(TOLERANCE) ? "passes" : "CAUGHT",
        worst.input(),
        worst.element(),
        worst.analytic(),
        worst.numeric());
  }
}
