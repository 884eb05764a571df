package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import talweg.op.FusedCall.AdamStep;
import talweg.op.FusedCall.SgdStep;
import talweg.op.FusedCall.Update;
import talweg.spi.Backend;
import talweg.spi.DeviceSpec;
import talweg.spi.StepState;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/** The fused updates against their formulas in double. */
class FusedUpdatesTest {
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

  private final Backend cpu = new CpuBackend(DeviceSpec.DEFAULT);
  private final Random random = new Random(11);
  private final double[] state = new double[StepState.LENGTH];
  private final double[] steps = {0, 4, 2, 9};

  FusedUpdatesTest() {
    state[StepState.GRAD_SCALE] = 0.5;
    state[StepState.WRITE] = 1;
    state[StepState.APPLIED] = 7;
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
      cpu.run(new AdamStep(update, table, flat[2], flat[3], amsGrad ? flat[4] : null));
      expectedAdam(constants, w, g, m, v, amsGrad ? vMax : null);
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
      double rate = RATES[group * WINDOW + 7 % WINDOW];
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
      cpu.run(new SgdStep(update, table, buffered ? flat[2] : null));
      expectedSgd(constants, w, g, buffered ? b : null);
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
      double rate = RATES[group * WINDOW + 7 % WINDOW];
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

  @Test
  void nothingChangesWhereTheStateForbidsIt() {
    state[StepState.WRITE] = 0;
    double[] w = normals();
    View params = flat(DType.F32, w, 0);
    View grads = flat(DType.F32, normals(), 0);
    View stepView = doubles(steps, steps.length);
    cpu.run(new SgdStep(update(params, grads, stepView), doubles(new double[10], 2, 5), null));
    cpu.run(
        new AdamStep(
            update(params, grads, stepView), doubles(new double[12], 2, 6), grads, grads, null));
    assertClose(DType.F32, w, params);
    assertClose(DType.F64, steps, stepView);
  }

  private Update update(View params, View grads, View stepView) {
    View rates = doubles(RATES, 2, WINDOW);
    return new Update(params, grads, segments(), stepView, rates, doubles(state, state.length));
  }

  private View segments() {
    View view = View.contiguous(cpu.allocate(DType.I64, 16), 0, Shape.of(4, 4));
    cpu.upload(MemorySegment.ofArray(SEGMENTS), view);
    return view;
  }

  private double[] normals() {
    return random.doubles(LENGTH).map(_ -> (float) random.nextGaussian()).toArray();
  }

  private double[] squares() {
    return random.doubles(LENGTH).map(x -> (float) x).toArray();
  }

  private View doubles(double[] values, int... dims) {
    View view = View.contiguous(cpu.allocate(DType.F64, values.length), 0, Shape.of(dims));
    cpu.upload(MemorySegment.ofArray(values), view);
    return view;
  }

  /** Flat buffer contents that begin {@code shift} elements into a buffer. */
  private View flat(DType dtype, double[] values, int shift) {
    View view =
        View.contiguous(cpu.allocate(dtype, values.length + shift), shift, Shape.of(values.length));
    cpu.copy(doubles(values, values.length), view);
    return view;
  }

  private void assertClose(DType dtype, double[] expected, View view) {
    View wide = doubles(new double[expected.length], expected.length);
    cpu.copy(view, wide);
    double[] actual = new double[expected.length];
    cpu.download(wide, MemorySegment.ofArray(actual));
    double tolerance = Twins.tolerance(dtype);
    for (int i = 0; i < expected.length; i++) {
      double scale = Math.max(1, Math.abs(expected[i]));
      if (!(Math.abs(actual[i] - expected[i]) <= tolerance * scale)) {
        assertEquals(expected[i], actual[i], 0, "element " + i);
      }
    }
  }
}
