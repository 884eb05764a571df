package talweg.conformance;

import talweg.optim.OptimizerSpec;
import talweg.optim.Optimizers;

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

  private OptimizerSpec spec(String optimizer) {
    double decay = number("weight_decay");
    return switch (optimizer) {
      case "SGD" ->
          Optimizers.sgd(number("momentum"), number("dampening"), flag("nesterov"), decay);
      case "Adam" -> Optimizers.adam(beta(0), beta(1), eps(), decay, flag("amsgrad"));
      case "AdamW" -> Optimizers.adamW(beta(0), beta(1), eps(), decay, flag("amsgrad"));
      case "LAMB_paper" -> {
        if (source("phi_clamp").has("phi_clamp")) {
          throw new NotOffered("LAMB with a clamped phi");
        }
        yield Optimizers.lamb(beta(0), beta(1), eps(), decay);
      }
      default -> throw new NotOffered("optimizer " + optimizer);
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
