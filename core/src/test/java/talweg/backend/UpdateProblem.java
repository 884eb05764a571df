package talweg.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import talweg.op.NonFinite;
import talweg.optim.Clip;
import talweg.optim.NvidiaLamb;
import talweg.optim.OptimizerOptions;
import talweg.optim.OptimizerSpec;
import talweg.optim.Optimizers;
import talweg.optim.Schedule;
import talweg.spi.Backend;
import talweg.tensor.DType;

/** Groups of one family with their own hyperparameters, vectors of random sizes in them. */
public final class UpdateProblem {
  private static final int[] SIZES = {1, 2, 3, 7, 15, 16, 17, 31, 64, 101, 1000, 5001};
  private static final int STEPS = 5;

  private final Random random;
  private final List<OptimizerSpec> specs = new ArrayList<>();
  private final int[] group;
  private final double[][] weights;
  private final double[][][] gradients = new double[STEPS][][];
  private final OptimizerOptions options;

  public UpdateProblem(long seed) {
    random = new Random(seed);
    int family = random.nextInt(7);
    boolean variant = random.nextBoolean();
    int groups = 1 + random.nextInt(3);
    for (int g = 0; g < groups; g++) {
      double start = Math.pow(10, -1 - 2 * random.nextDouble());
      specs.add(spec(family, variant).schedule(new Schedule.Cosine(start, STEPS, 0)));
    }
    int vectors = groups + random.nextInt(6);
    // Every group has one vector at least, and all the others are anywhere.
    group = IntStream.range(0, vectors).map(i -> i < groups ? i : random.nextInt(groups)).toArray();
    weights = new double[vectors][];
    for (int i = 0; i < vectors; i++) {
      weights[i] = normals(SIZES[random.nextInt(SIZES.length)]);
    }
    for (int step = 0; step < STEPS; step++) {
      gradients[step] = new double[vectors][];
      for (int i = 0; i < vectors; i++) {
        gradients[step][i] = random.nextInt(5) == 0 ? null : normals(weights[i].length);
      }
    }
    options = options();
  }

  private OptimizerSpec spec(int family, boolean variant) {
    double beta1 = random.nextDouble(0.99);
    double beta2 = 0.5 + random.nextDouble(0.4999);
    double eps = Math.pow(10, -1 - 7 * random.nextDouble());
    double decay = random.nextBoolean() ? 0 : random.nextDouble(0.3);
    boolean anything = random.nextBoolean();
    return switch (family) {
      case 0 ->
          anything
              ? Optimizers.sgd(0.01 + beta1 / 2, 0, true, decay)
              : Optimizers.sgd(beta1, random.nextDouble(), false, decay);
      case 1 -> Optimizers.adam(beta1, beta2, eps, decay, variant);
      case 2 -> Optimizers.adamW(beta1, beta2, eps, decay, variant);
      case 3 -> Optimizers.rmsprop(beta2, eps, decay, variant ? 0.1 + beta1 / 2 : 0, variant);
      case 4 -> Optimizers.adagrad(random.nextDouble(), eps, decay, random.nextDouble());
      case 5 -> Optimizers.lamb(beta1, beta2, eps, decay, 0.1, 10);
      default ->
          Optimizers.lambNvidia(
              new NvidiaLamb(
                  beta1, beta2, eps, decay, random.nextBoolean(), variant, anything, variant));
    };
  }

  private OptimizerOptions options() {
    Clip clip =
        switch (random.nextInt(4)) {
          case 0 -> Clip.none();
          case 1 -> new Clip.ByValue(0.1 + random.nextDouble());
          case 2 -> Clip.byExactGlobalNorm(0.1 + 5 * random.nextDouble());
          default -> Clip.byGlobalNorm(0.1 + 5 * random.nextDouble());
        };
    return OptimizerOptions.DEFAULT
        .clip(clip)
        .accumulate(1 + random.nextInt(3))
        .nonFinite(NonFinite.values()[random.nextInt(NonFinite.values().length)]);
  }

  private double[] normals(int n) {
    return IntStream.range(0, n).mapToDouble(_ -> (float) random.nextGaussian()).toArray();
  }

  /** The generator after it made the problem, for more of it. */
  public Random random() {
    return random;
  }

  /** Start of each vector. */
  public double[][] weights() {
    return weights;
  }

  /** Gradients of each step, null for a vector without one. */
  public double[][][] gradients() {
    return gradients;
  }

  /** Weights and states after all steps. */
  public Map<String, double[]> run(Backend backend, DType dtype, boolean composed) {
    try (UpdateRun run =
        new UpdateRun(backend, dtype, specs, group, options.composed(composed), weights)) {
      assertEquals(!composed, run.optimizer().isFused(), run.optimizer()::explain);
      for (double[][] step : gradients) {
        run.step(step);
      }
      return run.everything();
    }
  }

  /** Fails unless all elements agree, with an error relative to the largest one. */
  public static void assertScaled(
      double[] expected, double[] actual, double tolerance, Supplier<String> message) {
    assertEquals(expected.length, actual.length, message);
    double scale = 0;
    double error = 0;
    for (int i = 0; i < expected.length; i++) {
      scale = Math.max(scale, Math.abs(expected[i]));
      error = Math.max(error, Math.abs(expected[i] - actual[i]));
    }
    // A NaN fails, too.
    double relative = scale == 0 ? error : error / scale;
    assertTrue(relative <= tolerance, () -> message.get() + ": error " + relative);
  }

  @Override
  public String toString() {
    return specs.toString();
  }
}
