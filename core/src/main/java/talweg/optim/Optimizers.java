package talweg.optim;

import java.util.List;
import talweg.optim.GradientTransform.AddDecayedWeights;
import talweg.optim.GradientTransform.Momentum;
import talweg.optim.GradientTransform.ScaleByAdam;
import talweg.optim.GradientTransform.ScaleByTrustRatio;

/**
 * The optimizers by name: each is one chain of {@link GradientTransform}s. Defaults are PyTorch's.
 */
public final class Optimizers {
  private Optimizers() {}

  /** Plain gradient descent. */
  public static OptimizerSpec sgd(double rate) {
    return sgd(0, 0, false, 0).rate(rate);
  }

  /** SGD with momentum (Polyak 1964) or Nesterov's (Sutskever et al. 2013), and an L2 penalty. */
  public static OptimizerSpec sgd(double momentum, double dampening, boolean nesterov, double l2) {
    List<GradientTransform> chain =
        momentum == 0 && !nesterov
            ? List.of(new AddDecayedWeights(l2))
            : List.of(new AddDecayedWeights(l2), new Momentum(momentum, dampening, nesterov));
    return spec("sgd", 1e-2, chain);
  }

  /** Adam with its usual constants. */
  public static OptimizerSpec adam(double rate) {
    return adam(0.9, 0.999, 1e-8, 0, false).rate(rate);
  }

  /** Adam (Kingma and Ba 2015); the decay is an L2 penalty on the gradient. */
  public static OptimizerSpec adam(
      double beta1, double beta2, double eps, double l2, boolean amsgrad) {
    return spec(
        "adam",
        1e-3,
        List.of(new AddDecayedWeights(l2), new ScaleByAdam(beta1, beta2, eps, amsgrad)));
  }

  /** AdamW with its usual constants and decay 0.01. */
  public static OptimizerSpec adamW(double rate) {
    return adamW(0.9, 0.999, 1e-8, 1e-2, false).rate(rate);
  }

  /** AdamW (Loshchilov and Hutter 2019): Adam with decoupled weight decay. */
  public static OptimizerSpec adamW(
      double beta1, double beta2, double eps, double decay, boolean amsgrad) {
    return spec(
        "adamw",
        1e-3,
        List.of(new ScaleByAdam(beta1, beta2, eps, amsgrad), new AddDecayedWeights(decay)));
  }

  /** LAMB with the constants of its paper. */
  public static OptimizerSpec lamb(double rate) {
    return lamb(0.9, 0.999, 1e-6, 1e-2).rate(rate);
  }

  /**
   * LAMB (You et al. 2020, Algorithm 2): AdamW's direction, scaled per parameter by the trust
   * ratio.
   */
  public static OptimizerSpec lamb(double beta1, double beta2, double eps, double decay) {
    return spec(
        "lamb",
        1e-3,
        List.of(
            new ScaleByAdam(beta1, beta2, eps, false),
            new AddDecayedWeights(decay),
            new ScaleByTrustRatio()));
  }

  private static OptimizerSpec spec(String name, double rate, List<GradientTransform> chain) {
    return new OptimizerSpec(name, chain, new Schedule.Constant(rate));
  }
}
