package talweg.landscape;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import talweg.landscape.TestFunction.Rates;
import talweg.optim.OptimizerSpec;
import talweg.optim.Optimizers;

/** The optimizers that are compared in pictures, in the order of their colours. */
public enum Contestant {
  /** Plain gradient descent. */
  SGD("SGD", Rates::sgd),
  /** Polyak's momentum, 0.9. */
  MOMENTUM("momentum", Rates::momentum),
  /** Nesterov's momentum, 0.9. */
  NESTEROV("Nesterov", Rates::momentum),
  /** RMSprop with alpha 0.9, so that it forgets the start within a picture. */
  RMSPROP("RMSprop", Rates::rmsprop),
  /** Adam with its usual constants. */
  ADAM("Adam", Rates::adam);

  private static final double MOMENTUM_FACTOR = 0.9;

  private final String label;
  private final ToDoubleFunction<Rates> rate;

  Contestant(String label, ToDoubleFunction<Rates> rate) {
    this.label = label;
    this.rate = rate;
  }

  /** The name for a legend. */
  public String label() {
    return label;
  }

  /** The optimizer of this name without regard to case. */
  public static Contestant named(String name) {
    return Arrays.stream(values())
        .filter(c -> c.name().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "optimizer \"%s\" is not known; expected one of: %s"
                    .formatted(name, String.join(", ", names()))));
  }

  /** All names, in lower case. */
  public static List<String> names() {
    return Arrays.stream(values()).map(c -> c.name().toLowerCase(Locale.ROOT)).toList();
  }

  /** The optimizer with the rate that suits the function. */
  OptimizerSpec spec(Rates rates) {
    return spec(rate.applyAsDouble(rates));
  }

  /** The optimizer with the given learning rate. */
  public OptimizerSpec spec(double learningRate) {
    OptimizerSpec spec =
        switch (this) {
          case SGD -> Optimizers.sgd(learningRate);
          case MOMENTUM -> Optimizers.sgd(MOMENTUM_FACTOR, 0, false, 0);
          case NESTEROV -> Optimizers.sgd(MOMENTUM_FACTOR, 0, true, 0);
          case RMSPROP -> Optimizers.rmsprop(0.9, 1e-8, 0, 0, false);
          case ADAM -> Optimizers.adam(learningRate);
        };
    return spec.rate(learningRate);
  }
}
