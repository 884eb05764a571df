package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.backend.UpdateProblem;
import talweg.backend.UpdateRun;
import talweg.optim.NvidiaLamb;
import talweg.optim.OptimizerOptions;
import talweg.optim.OptimizerSpec;
import talweg.optim.Optimizers;
import talweg.optim.Schedule;
import talweg.spi.DeviceSpec;
import talweg.tensor.DType;

/** What holds for every hyperparameter and shape; each test's name has the seed of its input. */
class OptimizerPropertiesTest {
  private static UpdateRun run(OptimizerSpec spec, OptimizerOptions options, double[]... weights) {
    return new UpdateRun(new CpuBackend(DeviceSpec.DEFAULT), DType.F64, spec, options, weights);
  }

  static LongStream seeds() {
    return new Random().longs(8);
  }

  /** Directions that are ratios of gradients: with eps 0 their scale cancels. */
  @ParameterizedTest
  @MethodSource("seeds")
  void theScaleOfGradientsCancels(long seed) {
    UpdateProblem problem = new UpdateProblem(seed);
    double beta1 = problem.random().nextDouble(0.99);
    double beta2 = 0.5 + problem.random().nextDouble(0.49);
    double scale = Math.exp(8 * problem.random().nextGaussian());
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
    UpdateProblem problem = new UpdateProblem(seed);
    double scale = Math.exp(4 * problem.random().nextGaussian());
    double eps = problem.random().nextDouble();
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
    UpdateProblem problem = new UpdateProblem(seed);
    double scale = Math.exp(4 * problem.random().nextGaussian());
    OptimizerSpec sgd = Optimizers.sgd(0.8, 0.2, false, 0.1).rate(0.05);
    assertSameWeights(seed, problem, sgd, scale, scale, scale);
  }

  /** Weights and gradients times their factors lead to the weights times theirs. */
  private static void assertSameWeights(
      long seed,
      UpdateProblem problem,
      OptimizerSpec spec,
      double ofWeights,
      double ofGradients,
      double ofResult) {
    for (boolean composed : new boolean[] {false, true}) {
      OptimizerOptions options = OptimizerOptions.DEFAULT.composed(composed);
      try (UpdateRun plain = run(spec, options, problem.weights());
          UpdateRun scaled = run(spec, options, times(problem.weights(), ofWeights))) {
        for (double[][] gradients : problem.gradients()) {
          plain.step(gradients);
          scaled.step(times(gradients, ofGradients));
        }
        UpdateProblem.assertScaled(
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
      try (UpdateRun run = run(annealed, OptimizerOptions.DEFAULT, start)) {
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
}
