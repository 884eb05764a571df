package talweg.nn;

import talweg.tensor.Tensor;

/** What a loss makes of the losses of its elements. */
public enum Reduction {
  NONE,
  MEAN,
  SUM;

  Tensor of(Tensor losses) {
    return switch (this) {
      case NONE -> losses;
      case MEAN -> losses.mean();
      case SUM -> losses.sum();
    };
  }
}
