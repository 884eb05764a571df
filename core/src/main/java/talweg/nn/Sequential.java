package talweg.nn;

import java.util.List;
import talweg.tensor.Tensor;

/** Modules applied one after the other, named 0, 1, ... as in PyTorch. */
public final class Sequential extends Module {
  private final List<Module> modules;

  public Sequential(Module... modules) {
    this.modules = List.of(modules);
    for (int i = 0; i < modules.length; i++) {
      child(Integer.toString(i), modules[i]);
    }
  }

  @Override
  public boolean isReplayable() {
    return true;
  }

  @Override
  protected Tensor compute(Tensor x) {
    Tensor y = x;
    for (int i = 0; i < modules.size(); i++) {
      Module module = modules.get(i);
      Module next = i + 1 < modules.size() ? modules.get(i + 1) : null;
      if (module instanceof FusesActivation layer
          && layer.fusesActivation()
          && next instanceof Activation activation
          && activation.fused() != null) {
        y = layer.forwardActivated(y, activation.fused());
        i++;
      } else {
        y = module.forward(y);
      }
    }
    return y;
  }

  @Override
  public String toString() {
    return "Sequential" + modules;
  }
}
