package talweg.conformance;

import talweg.optim.Clip;
import talweg.optim.NvidiaLamb;
import talweg.optim.OptimizerSpec;
import talweg.optim.Optimizers;
import talweg.optim.Orthogonalize;

/** The optimizers of the golden vectors by name, with their hyperparameters. */
final class OptimizerChoice {
  private final Field hyper;
  private final Field overrides;

  /**
   * The settings of one parameter group.
   *
   * @param overrides what replaces {@code hyper} in this group, or null
   */
  private OptimizerChoice(Field hyper, Field overrides) {
    this.hyper = hyper;
    this.overrides = overrides;
  }

  /** The optimizer of one parameter group at its constant rate. */
  static OptimizerSpec of(String optimizer, Field hyper, Field overrides) {
    OptimizerChoice choice = new OptimizerChoice(hyper, overrides);
    if (choice.flag("maximize")) {
      throw new NotOffered("maximize");
    }
    return choice.spec(optimizer).rate(choice.required("lr").number());
  }

  /** The bound on all gradients together that belongs to the optimizer itself. */
  static Clip clip(Field hyper) {
    return hyper.has("max_grad_norm")
        ? Clip.byExactGlobalNorm(hyper.get("max_grad_norm").number())
        : Clip.none();
  }

  private OptimizerSpec spec(String optimizer) {
    double decay = number("weight_decay");
    return switch (optimizer) {
      case "SGD" ->
          Optimizers.sgd(number("momentum"), number("dampening"), flag("nesterov"), decay);
      case "Adam" -> Optimizers.adam(beta(0), beta(1), eps(), decay, flag("amsgrad"));
      case "AdamW" -> Optimizers.adamW(beta(0), beta(1), eps(), decay, flag("amsgrad"));
      case "RMSprop" ->
          Optimizers.rmsprop(
              required("alpha").number(), eps(), decay, number("momentum"), flag("centered"));
      case "Adagrad" ->
          Optimizers.adagrad(number("lr_decay"), eps(), decay, number("initial_accumulator_value"));
      case "LAMB_paper" -> {
        double[] phi =
            source("phi_clamp").has("phi_clamp")
                ? required("phi_clamp").numbers()
                : new double[] {0, Double.POSITIVE_INFINITY};
        yield Optimizers.lamb(beta(0), beta(1), eps(), decay, phi[0], phi[1]);
      }
      case "LAMB_fused" -> Optimizers.lambNvidia(nvidiaLamb(decay));
      case "Adadelta" -> Optimizers.adadelta(required("rho").number(), eps(), decay);
      case "NAdam" ->
          Optimizers.nadam(beta(0), beta(1), eps(), decay, number("momentum_decay"), decoupled());
      case "RAdam" -> Optimizers.radam(beta(0), beta(1), eps(), decay, decoupled());
      case "Lion" -> Optimizers.lion(beta(0), beta(1), decay);
      case "Muon" ->
          Optimizers.muon(
              number("momentum"),
              flag("nesterov"),
              decay,
              required("ns_steps").integer(),
              eps(),
              size());
      default -> throw new NotOffered("optimizer " + optimizer);
    };
  }

  private NvidiaLamb nvidiaLamb(double decay) {
    return new NvidiaLamb(
        beta(0),
        beta(1),
        eps(),
        decay,
        flag("bias_correction"),
        flag("grad_averaging"),
        flag("adam_w_mode"),
        flag("use_nvlamb"));
  }

  private boolean decoupled() {
    return flag("decoupled_weight_decay");
  }

  private Orthogonalize.Size size() {
    String name = required("adjust_lr_fn").text();
    return switch (name) {
      case "original" -> Orthogonalize.Size.ASPECT;
      case "match_rms_adamw" -> Orthogonalize.Size.LIKE_ADAMW;
      default -> throw new NotOffered("adjust_lr_fn " + name);
    };
  }

  private double beta(int i) {
    return required("betas").numbers()[i];
  }

  private double eps() {
    return required("eps").number();
  }

  /** A setting that is 0 where it is not named. */
  private double number(String name) {
    return source(name).number(name, 0);
  }

  private boolean flag(String name) {
    return source(name).flag(name, false);
  }

  private Field required(String name) {
    return source(name).get(name);
  }

  private Field source(String name) {
    return overrides != null && overrides.has(name) ? overrides : hyper;
  }
}
