package talweg.optim;

import java.util.List;
import talweg.optim.GradientTransform.AddDecayedWeights;
import talweg.optim.GradientTransform.Momentum;
import talweg.optim.GradientTransform.ScaleByAdam;

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
    return lamb(beta1, beta2, eps, decay, 0, Double.POSITIVE_INFINITY);
  }

  /** LAMB with its norm of the weights clamped to minPhi and maxPhi, the phi of the paper. */
  public static OptimizerSpec lamb(
      double beta1, double beta2, double eps, double decay, double minPhi, double maxPhi) {
    return spec(
        "lamb",
        1e-3,
        List.of(
            new ScaleByAdam(beta1, beta2, eps, false),
            new AddDecayedWeights(decay),
            new ScaleByTrustRatio(true, minPhi, maxPhi)));
  }

  /** NVIDIA's LAMB with its usual constants; they include {@link Clip#byExactGlobalNorm} of 1. */
  public static OptimizerSpec lambNvidia(double rate) {
    return lambNvidia(NvidiaLamb.DEFAULT).rate(rate);
  }

  /**
   * LAMB as NVIDIA's Apex has it. The bound on the gradients is part of {@link OptimizerOptions},
   * since it concerns all groups together.
   */
  public static OptimizerSpec lambNvidia(NvidiaLamb settings) {
    ScaleByLambMoments moments =
        new ScaleByLambMoments(
            settings.beta1(),
            settings.beta2(),
            settings.eps(),
            settings.biasCorrection(),
            settings.averageGradients());
    AddDecayedWeights decay = new AddDecayedWeights(settings.decay());
    ScaleByTrustRatio ratio = new ScaleByTrustRatio(settings.adapts(), 0, Double.POSITIVE_INFINITY);
    return spec(
        "lamb-nvidia",
        1e-3,
        settings.decoupled() ? List.of(moments, decay, ratio) : List.of(decay, moments, ratio));
  }

  /** RMSprop with its usual constants. */
  public static OptimizerSpec rmsprop(double rate) {
    return rmsprop(0.99, 1e-8, 0, 0, false).rate(rate);
  }

  /**
   * RMSprop (Hinton 2012), with momentum on the scaled gradient (Graves 2013 when centered); the
   * decay is an L2 penalty on the gradient.
   */
  public static OptimizerSpec rmsprop(
      double alpha, double eps, double l2, double momentum, boolean centered) {
    AddDecayedWeights decay = new AddDecayedWeights(l2);
    ScaleByRms scale = new ScaleByRms(alpha, eps, centered);
    return spec(
        "rmsprop",
        1e-2,
        momentum == 0
            ? List.of(decay, scale)
            : List.of(decay, scale, new Momentum(momentum, 0, false)));
  }

  /** Adagrad with its usual constants. */
  public static OptimizerSpec adagrad(double rate) {
    return adagrad(0, 1e-10, 0, 0).rate(rate);
  }

  /**
   * Adagrad (Duchi, Hazan and Singer 2011); the decay is an L2 penalty on the gradient.
   *
   * @param rateDecay step t uses the rate divided by 1 + (t - 1) rateDecay
   * @param initialAccumulator what the sum of squares starts at
   */
  public static OptimizerSpec adagrad(
      double rateDecay, double eps, double l2, double initialAccumulator) {
    return spec(
        "adagrad",
        1e-2,
        List.of(new AddDecayedWeights(l2), new ScaleByAdagrad(rateDecay, eps, initialAccumulator)));
  }

  /** Adadelta with its usual constants; its rate is 1 as a rule. */
  public static OptimizerSpec adadelta(double rate) {
    return adadelta(0.9, 1e-6, 0).rate(rate);
  }

  /** Adadelta (Zeiler 2012); the decay is an L2 penalty on the gradient. */
  public static OptimizerSpec adadelta(double rho, double eps, double l2) {
    return spec("adadelta", 1, List.of(new AddDecayedWeights(l2), new ScaleByAdadelta(rho, eps)));
  }

  /** NAdam with its usual constants. */
  public static OptimizerSpec nadam(double rate) {
    return nadam(0.9, 0.999, 1e-8, 0, 4e-3, false).rate(rate);
  }

  /**
   * NAdam (Dozat 2016).
   *
   * @param momentumDecay how fast momentum rises to beta1, see {@link ScaleByNadam}
   * @param decoupled whether the decay is AdamW's, else an L2 penalty on the gradient
   */
  public static OptimizerSpec nadam(
      double beta1,
      double beta2,
      double eps,
      double decay,
      double momentumDecay,
      boolean decoupled) {
    ScaleByNadam scale = new ScaleByNadam(beta1, beta2, eps, momentumDecay);
    return spec("nadam", 2e-3, decayed(scale, decay, decoupled));
  }

  /** RAdam with its usual constants. */
  public static OptimizerSpec radam(double rate) {
    return radam(0.9, 0.999, 1e-8, 0, false).rate(rate);
  }

  /**
   * RAdam (Liu et al. 2020).
   *
   * @param decoupled whether the decay is AdamW's, else an L2 penalty on the gradient
   */
  public static OptimizerSpec radam(
      double beta1, double beta2, double eps, double decay, boolean decoupled) {
    return spec("radam", 1e-3, decayed(new ScaleByRadam(beta1, beta2, eps), decay, decoupled));
  }

  /** Lion with its usual constants; its rate is 3 to 10 times smaller than AdamW's. */
  public static OptimizerSpec lion(double rate) {
    return lion(0.9, 0.99, 0).rate(rate);
  }

  /** Lion (Chen et al. 2023) with decoupled decay. */
  public static OptimizerSpec lion(double beta1, double beta2, double decay) {
    return spec("lion", 1e-4, decayed(new ScaleByLion(beta1, beta2), decay, true));
  }

  /** Muon with its usual constants and decay 0.1, for matrices only. */
  public static OptimizerSpec muon(double rate) {
    return muon(0.95, true, 0.1, 5, 1e-7, Orthogonalize.Size.ASPECT).rate(rate);
  }

  /**
   * Muon (Jordan et al. 2024) with decoupled decay: momentum made orthogonal. It updates matrices
   * only; {@link ParameterGroup#matrices} gives other parameters another optimizer.
   */
  public static OptimizerSpec muon(
      double momentum,
      boolean nesterov,
      double decay,
      int iterations,
      double eps,
      Orthogonalize.Size size) {
    return spec(
        "muon",
        1e-3,
        List.of(
            new Momentum(momentum, 0, nesterov),
            new Orthogonalize(iterations, eps, size),
            new AddDecayedWeights(decay)));
  }

  private static List<GradientTransform> decayed(
      GradientTransform scale, double decay, boolean decoupled) {
    AddDecayedWeights decayed = new AddDecayedWeights(decay);
    return decoupled ? List.of(scale, decayed) : List.of(decayed, scale);
  }

  private static OptimizerSpec spec(String name, double rate, List<GradientTransform> chain) {
    return new OptimizerSpec(name, chain, new Schedule.Constant(rate));
  }
}
