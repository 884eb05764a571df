package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.op.NonFinite;
import talweg.optim.Clip;
import talweg.optim.NvidiaLamb;
import talweg.optim.OptimizerOptions;
import talweg.optim.OptimizerSpec;
import talweg.optim.Optimizers;
import talweg.optim.Schedule;
import talweg.tensor.DType;

/** What holds for every hyperparameter and shape; each test's name has the seed of its input. */
class OptimizerPropertiesTest {
  private static final int[] SIZES = {1, 2, 3, 7, 15, 16, 17, 31, 64, 101, 1000, 5001};
  private static final int STEPS = 5;

  static LongStream seeds() {
    return new Random().longs(8);
  }

  /** Groups of one family with their own hyperparameters, vectors of random sizes in them. */
  private static final class Problem {
    final Random random;
    final List<OptimizerSpec> specs = new ArrayList<>();
    final int[] group;
    final double[][] weights;
    final double[][][] gradients = new double[STEPS][][];
    final OptimizerOptions options;

    Problem(long seed) {
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
      group =
          IntStream.range(0, vectors).map(i -> i < groups ? i : random.nextInt(groups)).toArray();
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

    Map<String, double[]> run(DType dtype, boolean composed) {
      try (UpdateRun run =
          new UpdateRun(dtype, specs, group, options.composed(composed), weights)) {
        assertEquals(!composed, run.optimizer().isFused(), run.optimizer()::explain);
        for (double[][] step : gradients) {
          run.step(step);
        }
        return run.everything();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void fusedEqualsComposed(long seed) {
    Problem problem = new Problem(seed);
    for (DType dtype : new DType[] {DType.F64, DType.F32}) {
      Map<String, double[]> fused = problem.run(dtype, false);
      Map<String, double[]> composed = problem.run(dtype, true);
      assertEquals(composed.keySet(), fused.keySet());
      composed.forEach((name, values) ->
          assertScaled(
              values,
              fused.get(name),
              dtype == DType.F64 ? 1e-12 : 1e-5,
              () -> "seed %d, %s, %s of %s".formatted(seed, dtype, name, problem.specs)));
    }
  }

  /** Directions that are ratios of gradients: with eps 0 their scale cancels. */
  @ParameterizedTest
  @MethodSource("seeds")
  void theScaleOfGradientsCancels(long seed) {
    Problem problem = new Problem(seed);
    double beta1 = problem.random.nextDouble(0.99);
    double beta2 = 0.5 + problem.random.nextDouble(0.49);
    double scale = Math.exp(8 * problem.random.nextGaussian());
    for (OptimizerSpec spec :
        List.of(
            Optimizers.adam(beta1, beta2, 0, 0, false),
            Optimizers.adamW(beta1, beta2, 0, 0.1, true),
            Optimizers.nadam(beta1, beta2, 0, 0.1, 4e-3, true),
            Optimizers.rmsprop(beta2, 0, 0, 0.5, true),
            Optimizers.adagrad(0.1, 0, 0, 0),
            Optimizers.lion(beta1, beta2, 0.1),
            Optimizers.lamb(beta1, beta2, 0, 0.1))) {
      assertSameWeights(seed, problem, spec.rate(0.05), 1, scale, 1);
    }
  }

  /** The trust ratio makes a step proportional to the weights, whatever eps is. */
  @ParameterizedTest
  @MethodSource("seeds")
  void lambScalesWithTheWeights(long seed) {
    Problem problem = new Problem(seed);
    double scale = Math.exp(4 * problem.random.nextGaussian());
    double eps = problem.random.nextDouble();
    for (OptimizerSpec spec :
        List.of(
            Optimizers.lamb(0.9, 0.99, eps, 0),
            Optimizers.lambNvidia(new NvidiaLamb(0.8, 0.9, eps, 0, true, false, true, true)))) {
      assertSameWeights(seed, problem, spec.rate(0.05), scale, 1, scale);
    }
  }

  /** Plain and momentum steps are linear in weights and gradients together. */
  @ParameterizedTest
  @MethodSource("seeds")
  void gradientDescentIsLinear(long seed) {
    Problem problem = new Problem(seed);
    double scale = Math.exp(4 * problem.random.nextGaussian());
    OptimizerSpec sgd = Optimizers.sgd(0.8, 0.2, false, 0.1).rate(0.05);
    assertSameWeights(seed, problem, sgd, scale, scale, scale);
  }

  /** Weights and gradients times their factors lead to the weights times theirs. */
  private static void assertSameWeights(
      long seed,
      Problem problem,
      OptimizerSpec spec,
      double ofWeights,
      double ofGradients,
      double ofResult) {
    for (boolean composed : new boolean[] {false, true}) {
      OptimizerOptions options = OptimizerOptions.DEFAULT.composed(composed);
      try (UpdateRun plain = new UpdateRun(DType.F64, spec, options, problem.weights);
          UpdateRun scaled =
              new UpdateRun(DType.F64, spec, options, times(problem.weights, ofWeights))) {
        for (double[][] gradients : problem.gradients) {
          plain.step(gradients);
          scaled.step(times(gradients, ofGradients));
        }
        assertScaled(
            times(new double[][] {plain.weights()}, ofResult)[0],
            scaled.weights(),
            1e-11,
            () -> "seed %d, composed %s, %s".formatted(seed, composed, spec));
      }
    }
  }

  /**
   * (w - solution)^T A (w - solution) / 2, with the eigenvalues of A between 0.5 and 5. No theorem
   * says how near 600 steps come, so the problems are always the same.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void convexQuadraticsAreSolved(long seed) {
    Random random = new Random(seed);
    int n = 1 + random.nextInt(12);
    double[][] a = definite(random, n);
    // LAMB's steps are as long as the weights and cannot pass 0, so both are on one side of it.
    double[] solution = random.doubles(n, 1, 2).toArray();
    int steps = 600;
    for (OptimizerSpec spec :
        List.of(
            Optimizers.sgd(0.1),
            Optimizers.sgd(0.9, 0, true, 0).rate(0.05),
            Optimizers.adam(0.1),
            Optimizers.adamW(0.9, 0.999, 1e-8, 0, true).rate(0.1),
            Optimizers.nadam(0.1),
            Optimizers.radam(0.1),
            Optimizers.rmsprop(0.05),
            Optimizers.adagrad(0.5),
            Optimizers.adadelta(0.9, 1e-2, 0).rate(1),
            Optimizers.lion(0.05),
            Optimizers.lamb(0.9, 0.999, 1e-6, 0).rate(0.05))) {
      double base = spec.rate().rate(0);
      OptimizerSpec annealed = spec.schedule(new Schedule.Cosine(base, steps, 0));
      double[] start = random.doubles(n, 2, 4).toArray();
      try (UpdateRun run = new UpdateRun(DType.F64, annealed, OptimizerOptions.DEFAULT, start)) {
        double before = value(a, start, solution);
        for (int i = 0; i < steps; i++) {
          run.step(gradient(a, run.weights(), solution));
        }
        double after = value(a, run.weights(), solution);
        assertTrue(
            after < 1e-3 * before,
            () -> "seed %d, %s: %s to %s".formatted(seed, spec, before, after));
      }
    }
  }

  /** The identity stretched along a few random directions. */
  private static double[][] definite(Random random, int n) {
    double[][] a = new double[n][n];
    for (int i = 0; i < n; i++) {
      a[i][i] = 0.5;
    }
    for (int k = 0; k < 3; k++) {
      double[] v = random.doubles(n, -1, 1).toArray();
      double square = IntStream.range(0, n).mapToDouble(i -> v[i] * v[i]).sum();
      double weight = 1.5 * random.nextDouble() / square;
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          a[i][j] += weight * v[i] * v[j];
        }
      }
    }
    return a;
  }

  private static double[] gradient(double[][] a, double[] w, double[] solution) {
    return IntStream.range(0, w.length)
        .mapToDouble(i ->
            IntStream.range(0, w.length).mapToDouble(j -> a[i][j] * (w[j] - solution[j])).sum())
        .toArray();
  }

  private static double value(double[][] a, double[] w, double[] solution) {
    double[] gradient = gradient(a, w, solution);
    return IntStream.range(0, w.length)
        .mapToDouble(i -> gradient[i] * (w[i] - solution[i]) / 2)
        .sum();
  }

  private static double[][] times(double[][] vectors, double factor) {
    double[][] scaled = new double[vectors.length][];
    for (int i = 0; i < vectors.length; i++) {
      double[] vector = vectors[i];
      scaled[i] =
          vector == null
              ? null
              : IntStream.range(0, vector.length).mapToDouble(k -> vector[k] * factor).toArray();
    }
    return scaled;
  }

  private static void assertScaled(
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
}
