package talweg.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import talweg.op.FusedCall;
import talweg.op.FusedCall.AdagradStep;
import talweg.op.FusedCall.AdamStep;
import talweg.op.FusedCall.LambStep;
import talweg.op.FusedCall.MeasureGradients;
import talweg.op.FusedCall.RmsPropStep;
import talweg.op.FusedCall.SgdStep;
import talweg.op.FusedCall.Update;
import talweg.op.NonFinite;
import talweg.spi.Backend;
import talweg.spi.StepState;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/** The fused updates against their formulas in double. */
public abstract class FusedUpdatesChecks {
  private static final int LENGTH = 3000;
  private static final int WINDOW = 3;

  /**
   * Offset, length, group, has gradient; there is padding between them, and one is longer than a
   * block.
   */
  private static final long[] SEGMENTS = {
    0, 7, 0, 1,
    8, 100, 1, 1,
    112, 50, 0, 0,
    164, 2500, 1, 1
  };

  private static final double[] RATES = {0.1, 0.02, 0.003, 0.4, 0.05, 0.006};

  private final Supplier<Backend> backends;
  private Backend backend;
  private final Random random = new Random(11);
  private final double[] state = new double[StepState.LENGTH];
  private final double[] steps = {0, 4, 2, 9};
  private View stateView;

  protected FusedUpdatesChecks(Supplier<Backend> backends) {
    this.backends = backends;
    state[StepState.GRAD_SCALE] = 0.5;
    state[StepState.WRITE] = 1;
    state[StepState.APPLIED] = 7;
    state[StepState.INCREMENTS + StepState.ATTEMPTED] = 1;
    state[StepState.INCREMENTS + StepState.RANDOM] = 1;
  }

  @BeforeEach
  void open() {
    backend = backends.get();
  }

  @AfterEach
  void close() {
    backend.close();
  }

  @ParameterizedTest
  @CsvSource({
    "F32, false, 0",
    "F32, true, 0",
    "F64, false, 0",
    "F64, true, 0",
    "F32, true, 5",
    "F64, false, 5"
  })
  void adam(DType dtype, boolean amsGrad, int shift) {
    double[] constants = {
      0.9, 0.999, 1e-8, 0, 0.1, Double.POSITIVE_INFINITY, 0.8, 0.99, 1e-3, 0.01, 0, 0.4
    };
    double[] w = normals();
    double[] g = normals();
    double[] m = normals();
    double[] v = squares();
    double[] vMax = squares();
    View[] flat = {
      flat(dtype, w, 0),
      flat(dtype, g, shift),
      flat(dtype, m, 0),
      flat(dtype, v, 2 * shift),
      flat(dtype, vMax, 0)
    };
    View stepView = doubles(steps, steps.length);
    Update update = update(flat[0], flat[1], stepView);
    View table = doubles(constants, 2, 6);
    for (int round = 0; round < 2; round++) {
      backend.run(new AdamStep(update, table, flat[2], flat[3], amsGrad ? flat[4] : null));
      expectedAdam(constants, w, g, m, v, amsGrad ? vMax : null);
      assertTheStepEnded();
    }
    assertClose(dtype, w, flat[0]);
    assertClose(dtype, g, flat[1]);
    assertClose(dtype, m, flat[2]);
    assertClose(dtype, v, flat[3]);
    assertClose(dtype, vMax, flat[4]);
    assertClose(DType.F64, steps, stepView);
  }

  private void expectedAdam(
      double[] constants, double[] w, double[] g, double[] m, double[] v, double[] vMax) {
    for (int s = 0; s < SEGMENTS.length; s += 4) {
      if (SEGMENTS[s + 3] == 0) {
        continue;
      }
      int group = (int) SEGMENTS[s + 2];
      double t = ++steps[s / 4];
      double rate = rate(group);
      int c = group * 6;
      for (int i = (int) SEGMENTS[s]; i < SEGMENTS[s] + SEGMENTS[s + 1]; i++) {
        double grad = Math.clamp(g[i] * 0.5, -constants[c + 5], constants[c + 5]);
        grad += constants[c + 3] * w[i];
        m[i] = constants[c] * m[i] + (1 - constants[c]) * grad;
        v[i] = constants[c + 1] * v[i] + (1 - constants[c + 1]) * grad * grad;
        double largest = v[i];
        if (vMax != null) {
          vMax[i] = Math.max(vMax[i], v[i]);
          largest = vMax[i];
        }
        double mean = m[i] / (1 - Math.pow(constants[c], t));
        double root = Math.sqrt(largest / (1 - Math.pow(constants[c + 1], t)));
        w[i] = w[i] * (1 - rate * constants[c + 4]) - rate * mean / (root + constants[c + 2]);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "F32, true, 0",
    "F32, false, 0",
    "F64, true, 0",
    "F64, false, 0",
    "F32, true, 5",
    "F64, false, 5"
  })
  void sgd(DType dtype, boolean buffered, int shift) {
    double[] constants = {0.9, 0.3, 0, 0.01, Double.POSITIVE_INFINITY, 0.8, 0, 1, 0, 0.4};
    double[] w = normals();
    double[] g = normals();
    double[] b = normals();
    b[3] = Double.NaN; // What the buffer held before a segment's first step must not matter.
    View[] flat = {flat(dtype, w, shift), flat(dtype, g, 0), flat(dtype, b, 0)};
    View stepView = doubles(steps, steps.length);
    Update update = update(flat[0], flat[1], stepView);
    View table = doubles(constants, 2, 5);
    for (int round = 0; round < 2; round++) {
      backend.run(new SgdStep(update, table, buffered ? flat[2] : null));
      expectedSgd(constants, w, g, buffered ? b : null);
      assertTheStepEnded();
    }
    assertClose(dtype, w, flat[0]);
    assertClose(dtype, g, flat[1]);
    assertClose(dtype, b, flat[2]);
    assertClose(DType.F64, steps, stepView);
  }

  private void expectedSgd(double[] constants, double[] w, double[] g, double[] b) {
    for (int s = 0; s < SEGMENTS.length; s += 4) {
      if (SEGMENTS[s + 3] == 0) {
        continue;
      }
      int group = (int) SEGMENTS[s + 2];
      double t = ++steps[s / 4];
      double rate = rate(group);
      int c = group * 5;
      for (int i = (int) SEGMENTS[s]; i < SEGMENTS[s] + SEGMENTS[s + 1]; i++) {
        double grad = Math.clamp(g[i] * 0.5, -constants[c + 4], constants[c + 4]);
        grad += constants[c + 3] * w[i];
        double direction = grad;
        if (b != null) {
          b[i] = t == 1 ? grad : constants[c] * b[i] + (1 - constants[c + 1]) * grad;
          direction = constants[c + 2] == 1 ? grad + constants[c] * b[i] : b[i];
        }
        w[i] -= rate * direction;
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "F32, false, false, 0",
    "F32, true, true, 0",
    "F64, true, false, 0",
    "F64, false, true, 0",
    "F32, true, true, 5",
    "F64, true, true, 5"
  })
  void rmsProp(DType dtype, boolean centred, boolean buffered, int shift) {
    double[] constants = {0.9, 1e-6, 0.7, 0, Double.POSITIVE_INFINITY, 0.8, 1e-3, 0, 0.01, 0.4};
    double[] w = normals();
    double[] g = normals();
    // The mean's square stays below the mean of the squares.
    double[] s = IntStream.range(0, LENGTH).mapToDouble(_ -> 9).toArray();
    double[] a = squares();
    double[] b = normals();
    View[] flat = {
      flat(dtype, w, shift),
      flat(dtype, g, 0),
      flat(dtype, s, 0),
      flat(dtype, a, 2 * shift),
      flat(dtype, b, 0)
    };
    View stepView = doubles(steps, steps.length);
    Update update = update(flat[0], flat[1], stepView);
    View table = doubles(constants, 2, 5);
    for (int round = 0; round < 2; round++) {
      backend.run(
          new RmsPropStep(
              update, table, flat[2], centred ? flat[3] : null, buffered ? flat[4] : null));
      forEachElement((group, _, rate, i) -> {
        int c = 5 * group;
        double grad = Math.clamp(g[i] * 0.5, -constants[c + 4], constants[c + 4]);
        grad += constants[c + 3] * w[i];
        s[i] = constants[c] * s[i] + (1 - constants[c]) * grad * grad;
        a[i] = centred ? constants[c] * a[i] + (1 - constants[c]) * grad : a[i];
        double variance = centred ? s[i] - a[i] * a[i] : s[i];
        double direction = grad / (Math.sqrt(variance) + constants[c + 1]);
        b[i] = buffered ? constants[c + 2] * b[i] + direction : b[i];
        w[i] -= rate * (buffered ? b[i] : direction);
      });
      assertTheStepEnded();
    }
    assertClose(dtype, w, flat[0]);
    assertClose(dtype, g, flat[1]);
    assertClose(dtype, s, flat[2]);
    assertClose(dtype, a, flat[3]);
    assertClose(dtype, b, flat[4]);
    assertClose(DType.F64, steps, stepView);
  }

  @ParameterizedTest
  @CsvSource({"F32, 0", "F64, 0", "F32, 5", "F64, 5"})
  void adagrad(DType dtype, int shift) {
    double[] constants = {1e-6, 0.1, 0, Double.POSITIVE_INFINITY, 1e-3, 0, 0.01, 0.4};
    double[] w = normals();
    double[] g = normals();
    double[] s = squares();
    View[] flat = {flat(dtype, w, 0), flat(dtype, g, shift), flat(dtype, s, 0)};
    View stepView = doubles(steps, steps.length);
    Update update = update(flat[0], flat[1], stepView);
    View table = doubles(constants, 2, 4);
    for (int round = 0; round < 2; round++) {
      backend.run(new AdagradStep(update, table, flat[2]));
      forEachElement((group, t, rate, i) -> {
        int c = 4 * group;
        double grad = Math.clamp(g[i] * 0.5, -constants[c + 3], constants[c + 3]);
        grad += constants[c + 2] * w[i];
        s[i] += grad * grad;
        double slowed = rate / (1 + (t - 1) * constants[c + 1]);
        w[i] -= slowed * grad / (Math.sqrt(s[i]) + constants[c]);
      });
      assertTheStepEnded();
    }
    assertClose(dtype, w, flat[0]);
    assertClose(dtype, g, flat[1]);
    assertClose(dtype, s, flat[2]);
    assertClose(DType.F64, steps, stepView);
  }

  @ParameterizedTest
  @CsvSource({
    "F32, true, 0",
    "F32, false, 0",
    "F64, true, 0",
    "F64, false, 0",
    "F32, true, 5",
    "F64, false, 5"
  })
  void lamb(DType dtype, boolean corrected, int shift) {
    double infinity = Double.POSITIVE_INFINITY;
    double[] constants = {
      0.9,
      0.99,
      1e-6,
      0,
      0.1,
      0.1,
      corrected ? 1 : 0,
      1,
      0,
      infinity,
      infinity, //
      0.8,
      0.95,
      1e-3,
      0.01,
      0,
      1,
      corrected ? 1 : 0,
      corrected ? 1 : 0,
      0.5,
      20,
      0.4
    };
    double[] w = normals();
    double[] g = normals();
    double[] m = normals();
    double[] v = squares();
    View[] flat = {
      flat(dtype, w, 0), flat(dtype, g, shift), flat(dtype, m, 0), flat(dtype, v, 2 * shift)
    };
    View stepView = doubles(steps, steps.length);
    Update update = update(flat[0], flat[1], stepView);
    View table = doubles(constants, 2, 11);
    View ratios = doubles(new double[] {7, 7, 7, 7}, 4);
    double[] expectedRatios = {7, 7, 7, 7};
    for (int round = 0; round < 2; round++) {
      backend.run(new LambStep(update, table, flat[2], flat[3], ratios));
      expectedLamb(constants, expectedRatios, w, g, m, v);
      assertTheStepEnded();
    }
    assertClose(dtype, w, flat[0]);
    assertClose(dtype, g, flat[1]);
    assertClose(dtype, m, flat[2]);
    assertClose(dtype, v, flat[3]);
    assertClose(dtype, expectedRatios, ratios);
    assertClose(DType.F64, steps, stepView);
  }

  private void expectedLamb(
      double[] constants, double[] ratios, double[] w, double[] g, double[] m, double[] v) {
    double[] u = new double[LENGTH];
    double[] sums = new double[2];
    for (int s = 0; s < SEGMENTS.length; s += 4) {
      if (SEGMENTS[s + 3] == 0) {
        continue;
      }
      int c = 11 * (int) SEGMENTS[s + 2];
      double t = ++steps[s / 4];
      boolean corrected = constants[c + 6] == 1;
      sums[0] = 0;
      sums[1] = 0;
      int from = (int) SEGMENTS[s];
      int to = from + (int) SEGMENTS[s + 1];
      for (int i = from; i < to; i++) {
        double grad = Math.clamp(g[i] * 0.5, -constants[c + 10], constants[c + 10]);
        grad += constants[c + 3] * w[i];
        m[i] = constants[c] * m[i] + constants[c + 5] * grad;
        v[i] = constants[c + 1] * v[i] + (1 - constants[c + 1]) * grad * grad;
        double mean = corrected ? m[i] / (1 - Math.pow(constants[c], t)) : m[i];
        double square = corrected ? v[i] / (1 - Math.pow(constants[c + 1], t)) : v[i];
        u[i] = mean / (Math.sqrt(square) + constants[c + 2]) + constants[c + 4] * w[i];
        sums[0] += w[i] * w[i];
        sums[1] += u[i] * u[i];
      }
      double norm = Math.clamp(Math.sqrt(sums[0]), constants[c + 8], constants[c + 9]);
      double ratio = constants[c + 7] == 1 ? norm / Math.sqrt(sums[1]) : 1;
      ratios[s / 4] = ratio;
      for (int i = from; i < to; i++) {
        w[i] -= rate((int) SEGMENTS[s + 2]) * ratio * u[i];
      }
    }
  }

  /** A segment whose weights are all zero moves as if there were no trust ratio. */
  @ParameterizedTest
  @CsvSource({"F32", "F64"})
  void lambWithoutANorm(DType dtype) {
    double infinity = Double.POSITIVE_INFINITY;
    double[] row = {0, 0, 0, 0, 0, 1, 0, 1, 0, infinity, infinity};
    double[] constants = DoubleStream.concat(Arrays.stream(row), Arrays.stream(row)).toArray();
    double[] g = normals();
    View w = flat(dtype, new double[LENGTH], 0);
    View grads = flat(dtype, g, 0);
    View m = flat(dtype, new double[LENGTH], 0);
    View v = flat(dtype, new double[LENGTH], 0);
    Update update = update(w, grads, doubles(steps, steps.length));
    View ratios = doubles(new double[] {7, 7, 7, 7}, 4);
    backend.run(new LambStep(update, doubles(constants, 2, 11), m, v, ratios));
    double[] expected = new double[LENGTH];
    forEachElement((_, _, rate, i) -> expected[i] = -rate * Math.signum(g[i]));
    assertTheStepEnded();
    assertClose(dtype, expected, w);
    assertClose(DType.F64, new double[] {1, 1, 7, 1}, ratios);
  }

  /**
   * Weights whose squares F32 cannot hold: with no moments the direction is the gradient's sign.
   */
  @ParameterizedTest
  @CsvSource({"F32, 1e-25", "F32, 1e25", "F64, 1e-25", "F64, 1e25"})
  void lambOfExtremeWeights(DType dtype, double scale) {
    double infinity = Double.POSITIVE_INFINITY;
    double[] row = {0, 0, 0, 0, 0, 1, 0, 1, 0, infinity, infinity};
    double[] constants = DoubleStream.concat(Arrays.stream(row), Arrays.stream(row)).toArray();
    double[] weights = Arrays.stream(normals()).map(x -> x * scale).toArray();
    View w = flat(dtype, weights, 0);
    View grads = flat(dtype, normals(), 0);
    View m = flat(dtype, new double[LENGTH], 0);
    View v = flat(dtype, new double[LENGTH], 0);
    Update update = update(w, grads, doubles(steps, steps.length));
    View ratios = doubles(new double[4], 4);
    backend.run(new LambStep(update, doubles(constants, 2, 11), m, v, ratios));
    double[] measured = read(ratios);
    for (int s = 0; s < 4; s++) {
      int from = (int) SEGMENTS[4 * s];
      int n = (int) SEGMENTS[4 * s + 1];
      double square = Arrays.stream(weights, from, from + n).map(x -> x * x).sum();
      double expected = SEGMENTS[4 * s + 3] == 0 ? 0 : Math.sqrt(square / n);
      assertEquals(expected, measured[s], 2e-6 * expected);
    }
  }

  private double rate(int group) {
    return RATES[group * WINDOW + (int) state[StepState.APPLIED] % WINDOW];
  }

  private void assertTheStepEnded() {
    state[StepState.ATTEMPTED]++;
    state[StepState.APPLIED] += state[StepState.WRITE];
    state[StepState.RANDOM]++;
    assertArrayEquals(state, read(stateView));
  }

  /** What an update does with one element. */
  private interface ElementUpdate {
    void apply(int group, double t, double rate, int i);
  }

  private void forEachElement(ElementUpdate update) {
    for (int s = 0; s < SEGMENTS.length; s += 4) {
      if (SEGMENTS[s + 3] == 1) {
        int group = (int) SEGMENTS[s + 2];
        double t = ++steps[s / 4];
        for (int i = (int) SEGMENTS[s]; i < SEGMENTS[s] + SEGMENTS[s + 1]; i++) {
          update.apply(group, t, rate(group), i);
        }
      }
    }
  }

  @Test
  void whereTheStateForbidsItNothingIsUpdatedButTheStepEnds() {
    state[StepState.WRITE] = 0;
    double[] w = normals();
    View params = flat(DType.F32, w, 0);
    View grads = flat(DType.F32, normals(), 0);
    View stepView = doubles(steps, steps.length);
    backend.run(new SgdStep(update(params, grads, stepView), doubles(new double[10], 2, 5), null));
    assertTheStepEnded();
    backend.run(
        new AdamStep(
            update(params, grads, stepView), doubles(new double[12], 2, 6), grads, grads, null));
    assertTheStepEnded();
    backend.run(
        new RmsPropStep(
            update(params, grads, stepView), doubles(new double[10], 2, 5), grads, null, null));
    assertTheStepEnded();
    backend.run(
        new AdagradStep(update(params, grads, stepView), doubles(new double[8], 2, 4), grads));
    assertTheStepEnded();
    backend.run(
        new LambStep(
            update(params, grads, stepView),
            doubles(new double[22], 2, 11),
            grads,
            grads,
            stepView));
    assertTheStepEnded();
    assertClose(DType.F32, w, params);
    assertClose(DType.F64, steps, stepView);
  }

  @ParameterizedTest
  @CsvSource({"F32", "F64"})
  void measuresTheGradientsOfPresentSegments(DType dtype) {
    double[] g = normals();
    double total = 0;
    for (int s = 0; s < 4; s++) {
      for (int i = 0; i < SEGMENTS[4 * s + 1] && SEGMENTS[4 * s + 3] == 1; i++) {
        total += g[(int) SEGMENTS[4 * s] + i] * g[(int) SEGMENTS[4 * s] + i];
      }
    }
    View view = doubles(state, state.length);
    backend.run(
        new MeasureGradients(flat(dtype, g, 3), segments(), 0.5, 1.25, 1e-6, NonFinite.FAIL, view));
    double[] measured = read(view);
    double norm = 0.5 * Math.sqrt(total);
    assertEquals(norm, measured[StepState.GRAD_NORM], 1e-6 * norm);
    assertEquals(0.5 * 1.25 / norm, measured[StepState.GRAD_SCALE], 1e-6);
    assertEquals(1, measured[StepState.WRITE]);
    assertEquals(0, measured[StepState.BAD_SEGMENT]);
  }

  @ParameterizedTest
  @CsvSource({"FAIL, 0, 4, 7", "SKIP, 0, 0, 0", "PROPAGATE, 1, 0, 0"})
  void aNonFiniteGradientIsHandledAsThePolicySays(
      NonFinite policy, double write, double segment, double step) {
    double[] g = normals();
    g[(int) SEGMENTS[12] + 1] = Double.POSITIVE_INFINITY;
    state[StepState.ATTEMPTED] = 7;
    state[StepState.BAD_SEGMENT] = 0;
    state[StepState.BAD_STEP] = 0;
    View view = doubles(state, state.length);
    View grads = flat(DType.F32, g, 0);
    backend.run(
        new MeasureGradients(grads, segments(), 1, Double.POSITIVE_INFINITY, 0, policy, view));
    double[] measured = read(view);
    assertEquals(write, measured[StepState.WRITE]);
    assertEquals(segment, measured[StepState.BAD_SEGMENT]);
    assertEquals(step, measured[StepState.BAD_STEP]);
  }

  @Test
  void supportsEveryUpdate() {
    Stream.of(
            FusedCall.AdamStep.class,
            FusedCall.SgdStep.class,
            FusedCall.RmsPropStep.class,
            FusedCall.AdagradStep.class,
            FusedCall.LambStep.class,
            FusedCall.MeasureGradients.class)
        .forEach(call -> assertTrue(backend.supports(call), call.getName()));
  }

  private double[] read(View view) {
    double[] values = new double[(int) view.size()];
    backend.download(view, MemorySegment.ofArray(values));
    return values;
  }

  private Update update(View params, View grads, View stepView) {
    View rates = doubles(RATES, 2, WINDOW);
    stateView = doubles(state, state.length);
    return new Update(params, grads, segments(), stepView, rates, stateView);
  }

  private View segments() {
    View view = View.contiguous(backend.allocate(DType.I64, 16), 0, Shape.of(4, 4));
    backend.upload(MemorySegment.ofArray(SEGMENTS), view);
    return view;
  }

  private double[] normals() {
    return random.doubles(LENGTH).map(_ -> (float) random.nextGaussian()).toArray();
  }

  private double[] squares() {
    return random.doubles(LENGTH).map(x -> (float) x).toArray();
  }

  private View doubles(double[] values, int... dims) {
    View view = View.contiguous(backend.allocate(DType.F64, values.length), 0, Shape.of(dims));
    backend.upload(MemorySegment.ofArray(values), view);
    return view;
  }

  /** Flat buffer contents that begin {@code shift} elements into a buffer. */
  private View flat(DType dtype, double[] values, int shift) {
    View view =
        View.contiguous(
            backend.allocate(dtype, values.length + shift), shift, Shape.of(values.length));
    backend.copy(doubles(values, values.length), view);
    return view;
  }

  private void assertClose(DType dtype, double[] expected, View view) {
    View wide = doubles(new double[expected.length], expected.length);
    backend.copy(view, wide);
    double[] actual = new double[expected.length];
    backend.download(wide, MemorySegment.ofArray(actual));
    double tolerance = dtype == DType.F32 ? 2e-6 : 1e-13;
    for (int i = 0; i < expected.length; i++) {
      double scale = Math.max(1, Math.abs(expected[i]));
      if (!(Math.abs(actual[i] - expected[i]) <= tolerance * scale)) {
        assertEquals(expected[i], actual[i], 0, "element " + i);
      }
    }
  }
}
