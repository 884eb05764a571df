package talweg.nn;

import talweg.check.Require;
import talweg.tensor.Tensor;

/** Drops elements with probability p in training mode and passes everything in evaluation mode. */
public final class Dropout extends Module {
  private final double p;

  public Dropout(double p) {
    Require.decay("Dropout", "probability", p);
    this.p = p;
  }

  @Override
  public boolean isReplayable() {
    return true;
  }

  @Override
  protected Tensor compute(Tensor x) {
    return isTraining() ? Functional.dropout(x, p) : x;
  }

  @Override
  public String toString() {
    return "Dropout(" + p + ")";
  }
}
