package talweg.nn;

import talweg.tensor.Tensor;

/** [batch, ...] to [batch, features]. */
public final class Flatten extends Module {
  @Override
  public boolean isReplayable() {
    return true;
  }

  @Override
  protected Tensor compute(Tensor x) {
    return x.reshape(x.shape().dim(0), -1);
  }

  @Override
  public String toString() {
    return "Flatten";
  }
}
