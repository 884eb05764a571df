package talweg.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.data.Dataset;
import talweg.error.NonFiniteException;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.op.NonFinite;
import talweg.optim.Clip;
import talweg.optim.NvidiaLamb;
import talweg.optim.OptimizerOptions;
import talweg.optim.OptimizerSpec;
import talweg.optim.Optimizers;
import talweg.optim.Schedule;
import talweg.session.Session;
import talweg.spi.Backend;
import talweg.tensor.DType;
import talweg.train.Objective;
import talweg.train.Trainer;
import talweg.train.TrainerOptions;

/**
 * Mistakes that fused optimizers are known for, each looked for in the fused and in the composed
 * update.
 */
public abstract class UpdateMistakes {
  private final Supplier<Backend> backends;

  protected UpdateMistakes(Supplier<Backend> backends) {
    this.backends = backends;
  }

  private static final OptimizerOptions FUSED = OptimizerOptions.DEFAULT;

  private static OptimizerOptions options(boolean fused) {
    return FUSED.composed(!fused);
  }

  /** Gradients are averaged and clipped as they are read: using them again gives the same step. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void gradientsAreScaledOnce(boolean fused) {
    OptimizerOptions options = options(fused).accumulate(4).clip(Clip.byExactGlobalNorm(1));
    double[] start = {0, 0};
    try (UpdateRun run =
        new UpdateRun(backends.get(), DType.F64, Optimizers.sgd(1), options, start)) {
      assertEquals(fused, run.optimizer().isFused());
      run.backward(new double[] {12, 16});
      run.optimizer().stepKeepingGradients();
      assertArrayEquals(new double[] {-0.6, -0.8}, run.weights(), 1e-15);
      assertEquals(5, run.optimizer().gradientNorm(), 1e-15);
      run.optimizer().stepKeepingGradients();
      assertArrayEquals(new double[] {-1.2, -1.6}, run.weights(), 1e-15);
    }
  }

  /** One infinity in one element of the first micro-batch, in the last of many segments. */
  @ParameterizedTest
  @CsvSource({"true, F32", "true, F64", "false, F32", "false, F64"})
  void aNonFiniteElementIsNotForgotten(boolean fused, DType dtype) {
    double[][] weights = filled(40, 1);
    double[][] good = filled(40, 0.5);
    double[][] bad = filled(40, 0.5);
    bad[39][33] = Double.NEGATIVE_INFINITY;
    for (NonFinite policy : new NonFinite[] {NonFinite.SKIP, NonFinite.FAIL}) {
      OptimizerOptions options = options(fused).accumulate(2).nonFinite(policy);
      try (UpdateRun run =
          new UpdateRun(backends.get(), dtype, Optimizers.adamW(0.1), options, weights)) {
        run.backward(bad).step(good);
        assertArrayEquals(filled(1, 1)[0], run.weights(0));
        run.backward(good).step(good);
        boolean moved = !Arrays.equals(filled(1, 1)[0], run.weights(0));
        assertEquals(policy == NonFinite.SKIP, moved);
        assertEquals(moved ? 1 : 0, run.optimizer().appliedSteps());
        if (policy == NonFinite.FAIL) {
          assertThrows(NonFiniteException.class, run.optimizer()::requireFinite);
        }
      }
    }
  }

  /** What is reported is the first step that went wrong, and its parameter, not the last one. */
  @ParameterizedTest
  @CsvSource({"true, F32", "true, F64", "false, F32", "false, F64"})
  void aSecondBadStepDoesNotHideTheFirst(boolean fused, DType dtype) {
    OptimizerOptions options = options(fused).nonFinite(NonFinite.FAIL);
    double[] start = {1, 2};
    double[] good = {0.5, 0.5};
    double[] bad = {0.5, Double.NaN};
    try (UpdateRun run =
        new UpdateRun(backends.get(), dtype, Optimizers.adamW(0.1), options, start, start, start)) {
      run.step(good, good, good).step(good, good, bad).step(bad, good, good).step(bad, bad, bad);
      NonFiniteException error =
          assertThrows(NonFiniteException.class, run.optimizer()::requireFinite);
      assertEquals(2, error.step());
      assertEquals("w2", error.parameter());
    }
  }

  /**
   * Under a constant gradient the mean of squares and the square of the mean are equal but for
   * rounding, and so the variance may come out below 0, which has no root.
   */
  @ParameterizedTest
  @CsvSource({"true, F32", "true, F64", "false, F32", "false, F64"})
  void aVarianceThatRoundsBelowZeroHasARoot(boolean fused, DType dtype) {
    double[] start = new double[53];
    double[] gradient = new double[53];
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] = 0.1 + i / 7.0;
    }
    OptimizerSpec centered = Optimizers.rmsprop(0.9, 1e-3, 0, 0, true).rate(1e-3);
    try (UpdateRun run = new UpdateRun(backends.get(), dtype, centered, options(fused), start)) {
      for (int step = 0; step < 300; step++) {
        run.step(gradient);
      }
      run.optimizer().requireFinite();
      double[] weights = run.weights();
      double[] squares = run.state("square_avg", 0);
      for (int i = 0; i < weights.length; i++) {
        assertTrue(
            Double.isFinite(weights[i]) && weights[i] < 0, "weight " + i + ": " + weights[i]);
        assertEquals(gradient[i] * gradient[i], squares[i], 1e-5 * squares[i]);
      }
    }
  }

  /** The bound is for the average: the sum of four gradients exceeds it, their mean does not. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void clippingSeesTheAverage(boolean fused) {
    for (Clip clip : List.of(Clip.byGlobalNorm(2), new Clip.ByValue(1.5))) {
      OptimizerOptions options = options(fused).accumulate(4).clip(clip);
      double[] start = {3};
      try (UpdateRun run =
          new UpdateRun(backends.get(), DType.F64, Optimizers.sgd(1), options, start)) {
        double[] g = {1};
        run.backward(g).backward(g).backward(g).step(g);
        assertArrayEquals(new double[] {2}, run.weights(), 1e-15, clip::toString);
        double[] large = {10};
        run.backward(large).backward(large).backward(large).step(large);
        double bound = clip instanceof Clip.ByValue ? 1.5 : 2;
        assertArrayEquals(new double[] {2 - bound}, run.weights(), 1e-6, clip::toString);
      }
    }
  }

  /** Micro-batches give what batches of their size together give, also at the end of an epoch. */
  @ParameterizedTest
  @CsvSource({"true, 5, 2", "true, 4, 3", "true, 1, 5", "false, 5, 2", "false, 2, 3"})
  void aShortLastWindowIsAMean(boolean fused, int batch, int accumulate) {
    double[] whole = trained(fused, batch * accumulate, 1);
    assertArrayEquals(whole, trained(fused, batch, accumulate), 1e-12);
    assertFalse(Arrays.equals(whole, trained(fused, batch, 1)), "the window makes a difference");
  }

  /** 13 examples, in an order that does not depend on the size of batches. */
  private double[] trained(boolean fused, int batch, int accumulate) {
    Random random = new Random(4);
    float[] x = new float[26];
    float[] y = new float[13];
    for (int i = 0; i < y.length; i++) {
      x[2 * i] = (float) random.nextGaussian();
      x[2 * i + 1] = (float) random.nextGaussian();
      y[i] = x[2 * i] - 2 * x[2 * i + 1];
    }
    Dataset data = Dataset.regression("plane", x, new int[] {2}, y, List.of("y"));
    try (Session session = new Session(backends.get())) {
      Module model = new Sequential(new Linear(2, 1)).init(session, DType.F64, 1);
      TrainerOptions options =
          TrainerOptions.of(4, batch).optimizer(options(fused).accumulate(accumulate));
      new Trainer(model, Objective.mse(), Optimizers.adamW(0.1), options).fit(data);
      return model.trainable().stream()
          .flatMapToDouble(p -> Arrays.stream(p.value().toDoubles()))
          .toArray();
    }
  }

  /** A vector counts its own updates: those that it waits for do not count, nor those left out. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void stepsAreCountedPerParameter(boolean fused) {
    OptimizerOptions options = options(fused).nonFinite(NonFinite.SKIP);
    double[] start = {1, 2};
    double[] g = {0.3, -0.2};
    double[] nan = {Double.NaN, 1};
    OptimizerSpec adam = Optimizers.adam(0.1);
    try (UpdateRun run = new UpdateRun(backends.get(), DType.F64, adam, options, start, start);
        UpdateRun straight = new UpdateRun(backends.get(), DType.F64, adam, options, start)) {
      run.step(g, g).step(g, null).step(nan, g).step(g, null).step(g, g);
      straight.step(g).step(g);
      assertArrayEquals(straight.weights(), run.weights(1), 1e-15);
      straight.step(g).step(g);
      assertArrayEquals(straight.weights(), run.weights(0), 1e-15);
    }
  }

  /** Rates are uploaded 1024 at a time; counts go on over that. */
  @Test
  void ratesAndCountsGoOnAfterAnUpload() {
    Schedule schedule = step -> step < 1024 ? 0 : step == 1024 ? 0.5 : 0.25;
    OptimizerSpec sgd = Optimizers.sgd(1).schedule(schedule);
    double[] start = {1};
    try (UpdateRun run = new UpdateRun(backends.get(), DType.F64, sgd, FUSED, start)) {
      for (int i = 0; i < 1026; i++) {
        run.step(new double[] {1});
      }
      assertArrayEquals(new double[] {0.25}, run.weights(), 1e-15);
    }
  }

  /** Without gradients to speak of, decoupled decay is the product of 1 - rate(t) decay. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void decayUsesTheCurrentRate(boolean fused) {
    OptimizerSpec adamW =
        Optimizers.adamW(0.9, 0.999, 1e-8, 0.5, false).schedule(Schedule.of(0.4, 0.1, 0.02));
    double[] start = {1, -3};
    double[] zero = {0, 0};
    try (UpdateRun run = new UpdateRun(backends.get(), DType.F64, adamW, options(fused), start)) {
      run.step(zero).step(zero).step(zero);
      double factor = 0.8 * 0.95 * 0.99;
      assertArrayEquals(new double[] {factor, -3 * factor}, run.weights(), 1e-15);
    }
  }

  /** 0.999 rounded to float32 makes 1 - beta2 wrong by 1.3e-5. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void oneMinusBetaIsComputedInDouble(boolean fused) {
    OptimizerOptions options = options(fused);
    double[] start = {1, 2};
    double[] g = {0.5, 3};
    for (OptimizerSpec spec :
        List.of(
            Optimizers.adam(0.1),
            Optimizers.adamW(0.9, 0.999, 1e-8, 0, true),
            Optimizers.lamb(0.1),
            Optimizers.lambNvidia(NvidiaLamb.DEFAULT),
            Optimizers.rmsprop(0.999, 1e-8, 0, 0, false))) {
      String name = spec.name().equals("rmsprop") ? "square_avg" : "exp_avg_sq";
      try (UpdateRun run = new UpdateRun(backends.get(), DType.F32, spec, options, start)) {
        run.step(g);
        double[] v = run.state(name, 0);
        for (int i = 0; i < v.length; i++) {
          double exact = 0.001 * g[i] * g[i];
          assertEquals(exact, v[i], 2e-7 * exact, spec.name());
        }
      }
    }
  }

  static List<OptimizerSpec> withoutEps() {
    return List.of(
        Optimizers.sgd(0.9, 0, true, 0.1).rate(0.1),
        Optimizers.adam(0.9, 0.99, 0, 0, true).rate(0.1),
        Optimizers.adamW(0.9, 0.99, 0, 0.1, false).rate(0.1),
        Optimizers.rmsprop(0.9, 0, 0.1, 0.5, true).rate(0.1),
        Optimizers.adagrad(0.1, 0, 0.1, 0).rate(0.1),
        Optimizers.lamb(0.9, 0.99, 0, 0.1).rate(0.1),
        Optimizers.lambNvidia(new NvidiaLamb(0.9, 0.99, 0, 0, false, false, true, true)),
        Optimizers.adadelta(0.9, 0, 0).rate(0.1),
        Optimizers.lion(0.9, 0.99, 0.1).rate(0.1));
  }

  /** With eps 0 an update of the padding would divide 0 by 0. */
  @ParameterizedTest
  @MethodSource("withoutEps")
  void paddingStaysZero(OptimizerSpec spec) {
    Random random = new Random(6);
    for (boolean fused : new boolean[] {true, false}) {
      for (DType dtype : new DType[] {DType.F32, DType.F64}) {
        double[][] w = {normals(random, 1), normals(random, 17), normals(random, 15)};
        OptimizerOptions options = options(fused).clip(Clip.byGlobalNorm(1));
        try (UpdateRun run = new UpdateRun(backends.get(), dtype, spec, options, w)) {
          for (int step = 0; step < 3; step++) {
            run.step(normals(random, 1), normals(random, 17), normals(random, 15));
          }
          run.optimizer().requireFinite();
          for (int i = 0; i < w.length; i++) {
            assertArrayEquals(new double[(16 - w[i].length % 16) % 16], run.padding(null, i));
            for (String state : run.optimizer().stateNames()) {
              if (run.state(state, i).length == w[i].length && !state.equals("trust_ratio")) {
                double[] padding = run.padding(state, i);
                assertArrayEquals(new double[padding.length], padding, state);
              }
            }
          }
        }
      }
    }
  }

  private static double[][] filled(int vectors, double value) {
    double[][] all = new double[vectors][34];
    Arrays.stream(all).forEach(v -> Arrays.fill(v, value));
    return all;
  }

  private static double[] normals(Random random, int n) {
    return random.doubles(n).map(_ -> (float) random.nextGaussian()).toArray();
  }
}
