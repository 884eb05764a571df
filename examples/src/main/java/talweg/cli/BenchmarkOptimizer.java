package talweg.cli;

import java.util.Locale;
import talweg.optim.OptimizerSpec;
import talweg.optim.Optimizers;

/** The optimizers of {@code torch_baseline.py}, with its constants, and others that run fused. */
enum BenchmarkOptimizer {
  ADAMW,
  ADAM,
  SGD,
  RMSPROP,
  ADAGRAD,
  LAMB;

  OptimizerSpec spec() {
    return switch (this) {
      case ADAMW -> Optimizers.adamW(1e-3);
      case ADAM -> Optimizers.adam(1e-3);
      case SGD -> Optimizers.sgd(0.9, 0, false, 0).rate(1e-2);
      case RMSPROP -> Optimizers.rmsprop(1e-3);
      case ADAGRAD -> Optimizers.adagrad(1e-2);
      case LAMB -> Optimizers.lamb(1e-3);
    };
  }

  /**
   * Elements that the least possible update of one parameter reads and writes: weight, gradient and
   * state in, weight and state out. LAMB needs norms before it can write weights, and so reads
   * weights and state again.
   */
  int traffic() {
    return switch (this) {
      case ADAMW, ADAM -> 7;
      case SGD, RMSPROP, ADAGRAD -> 5;
      case LAMB -> 10;
    };
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
