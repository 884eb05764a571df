package talweg.cli;

import java.util.Locale;
import talweg.optim.OptimizerSpec;
import talweg.optim.Optimizers;

/** The optimizers of {@code torch_baseline.py}, with its constants. */
enum BenchmarkOptimizer {
  ADAMW,
  ADAM,
  SGD;

  OptimizerSpec spec() {
    return switch (this) {
      case ADAMW -> Optimizers.adamW(1e-3);
      case ADAM -> Optimizers.adam(1e-3);
      case SGD -> Optimizers.sgd(0.9, 0, false, 0).rate(1e-2);
    };
  }

  /**
   * Elements that the least possible update of one parameter reads and writes: weight, gradient and
   * state in, weight and state out.
   */
  int traffic() {
    return switch (this) {
      case ADAMW, ADAM -> 7;
      case SGD -> 5;
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
