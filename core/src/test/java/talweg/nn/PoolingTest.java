package talweg.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import talweg.autograd.GradCheck;
import talweg.error.DTypeException;
import talweg.error.ShapeException;
import talweg.reference.ReferenceBackend;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Size2d;
import talweg.tensor.Tensor;

/** Another seed: {@code -Dtalweg.test.seed=N}. */
class PoolingTest {
  private static final long SEED = Long.getLong("talweg.test.seed", 20260103);
  private static final Size2d NONE = Size2d.of(0);
  private static final Size2d ONE = Size2d.of(1);
  private static final Size2d TWO = Size2d.of(2);
  private static final Size2d THREE = Size2d.of(3);

  private final Session session = new Session(new ReferenceBackend());
  private final Random random = new Random(SEED);

  @AfterEach
  void close() {
    session.close();
  }

  record Settings(Size2d kernel, Size2d stride, Size2d padding) {
    Tensor max(Tensor x) {
      return Functional.maxPool2d(x, kernel, stride, padding);
    }

    Tensor mean(Tensor x, boolean countIncludePad) {
      return Functional.avgPool2d(x, kernel, stride, padding, countIncludePad);
    }
  }

  static Stream<Settings> settings() {
    return Stream.of(
        new Settings(TWO, TWO, NONE),
        new Settings(THREE, TWO, ONE),
        new Settings(Size2d.of(2, 3), Size2d.of(1, 2), NONE),
        new Settings(Size2d.of(2, 5), Size2d.of(3, 1), Size2d.of(1, 2)),
        new Settings(ONE, TWO, NONE));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void equalsTheLoops(Settings s) {
    // All negative, so that a padding of 0 would win.
    Tensor x = distinct(2, 3, 5, 6).affine(1, -100);
    Shape shape = s.max(x).shape();
    double[] max = loops(s, x, shape, Double.NEGATIVE_INFINITY, Math::max);
    assertArrayEquals(max, s.max(x).toDoubles(), seed());
    double[] sums = loops(s, x, shape, 0, Double::sum);
    double[] counts = loops(s, x.affine(0, 1), shape, 0, Double::sum);
    int area = s.kernel.height() * s.kernel.width();
    double[] padded = Arrays.stream(sums).map(sum -> sum / area).toArray();
    double[] real = IntStream.range(0, sums.length).mapToDouble(i -> sums[i] / counts[i]).toArray();
    assertArrayEquals(padded, s.mean(x, true).toDoubles(), 1e-12, seed());
    assertArrayEquals(real, s.mean(x, false).toDoubles(), 1e-12, seed());
  }

  /** Combines the elements of each window that are not padding. */
  private static double[] loops(
      Settings s, Tensor x, Shape y, double start, DoubleBinaryOperator combine) {
    int[] in = x.shape().dims();
    double[] values = x.toDoubles();
    double[] out = new double[Math.toIntExact(y.size())];
    Arrays.fill(out, start);
    int at = 0;
    for (int plane = 0; plane < in[0] * in[1]; plane++) {
      for (int i = 0; i < y.dim(2); i++) {
        for (int j = 0; j < y.dim(3); j++, at++) {
          for (int k = 0; k < s.kernel.height() * s.kernel.width(); k++) {
            int row = i * s.stride.height() - s.padding.height() + k / s.kernel.width();
            int column = j * s.stride.width() - s.padding.width() + k % s.kernel.width();
            if (row >= 0 && row < in[2] && column >= 0 && column < in[3]) {
              double value = values[(plane * in[2] + row) * in[3] + column];
              out[at] = combine.applyAsDouble(out[at], value);
            }
          }
        }
      }
    }
    return out;
  }

  @ParameterizedTest
  @MethodSource("settings")
  void gradientsOfFirstAndSecondOrder(Settings s) {
    List<Function<List<Tensor>, Tensor>> functions =
        List.of(
            in -> s.max(in.getFirst()).square(),
            in -> s.mean(in.getFirst().square(), true).sin(),
            in -> s.mean(in.getFirst().square(), false).sin());
    for (Function<List<Tensor>, Tensor> f : functions) {
      List<Tensor> inputs = List.of(distinct(1, 2, 5, 4));
      GradCheck.Result first = GradCheck.check(f, inputs);
      assertTrue(first.passes(1e-7), () -> first + seed());
      GradCheck.Result second = GradCheck.checkSecondOrder(f, inputs);
      assertTrue(second.passes(1e-6), () -> second + seed());
    }
  }

  @Test
  void ofEqualElementsTheFirstGetsTheGradient() {
    Tensor x = session.full(DType.F64, 3, 1, 1, 4, 4).requireGrad();
    Functional.maxPool2d(x, TWO, TWO, NONE).sum().backward();
    double[] expected = {1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0};
    assertArrayEquals(expected, x.grad().toDoubles());
  }

  @Test
  void paddingNeverWinsEvenAmongMinusInfinity() {
    for (DType dtype : List.of(DType.F32, DType.F64)) {
      Tensor x = session.full(dtype, Double.NEGATIVE_INFINITY, 1, 1, 3, 3).requireGrad();
      Tensor y = Functional.maxPool2d(x, THREE, TWO, ONE);
      assertArrayEquals(
          session.full(dtype, Double.NEGATIVE_INFINITY, 4).toDoubles(), y.toDoubles());
      y.sum().backward();
      double[] expected = {1, 1, 0, 1, 1, 0, 0, 0, 0};
      assertArrayEquals(expected, x.grad().toDoubles(), dtype.name());
    }
  }

  @Test
  void infinitiesAndNaNPass() {
    double inf = Double.POSITIVE_INFINITY;
    Tensor x = session.tensor(new double[] {1, Double.NaN, 2, inf, inf, 5, -1, -2}, 1, 1, 2, 4);
    double[] expected = {Double.NaN, inf};
    assertArrayEquals(expected, Functional.maxPool2d(x, TWO, TWO, NONE).toDoubles());
    double[] padded = {1, Double.NaN, inf};
    assertArrayEquals(padded, Functional.maxPool2d(x, TWO, TWO, ONE).slice(2, 0, 1).toDoubles());
  }

  @Test
  void layersHavePyTorchsDefaults() {
    Tensor x = distinct(2, 3, 5, 7);
    assertArrayEquals(
        Functional.maxPool2d(x, THREE, THREE, NONE).toDoubles(),
        new MaxPool2d(3).forward(x).toDoubles());
    assertArrayEquals(
        Functional.avgPool2d(x, TWO, TWO, NONE, true).toDoubles(),
        new AvgPool2d(2).forward(x).toDoubles());
    AvgPool2d padded = new AvgPool2d(THREE, TWO, ONE, false);
    assertArrayEquals(
        Functional.avgPool2d(x, THREE, TWO, ONE, false).toDoubles(), padded.forward(x).toDoubles());
    assertEquals("MaxPool2d(3x3)", new MaxPool2d(3).toString());
    assertEquals("AvgPool2d(3x3, stride 2x2, padding 1x1)", padded.toString());
    assertEquals(0, padded.parameterCount());
  }

  @Test
  void settingsThatDoNotFitAreNamed() {
    Tensor x = distinct(1, 1, 2, 3);
    refused("max_pool2d: expected [batch", () -> new MaxPool2d(2).forward(x.reshape(2, 3)));
    refused("kernel 3x3 and dilation 1x1 does not fit", () -> new MaxPool2d(3).forward(x));
    refused("avg_pool2d: a window", () -> new AvgPool2d(3).forward(x));
    refused(
        "padding 2x2 is more than half of the kernel 3x3; pad at most 1x1",
        () -> new MaxPool2d(THREE, ONE, TWO));
    refused("stride must be at least 1", () -> new AvgPool2d(TWO, NONE, NONE, true));
    Tensor bytes = session.tensor(new byte[4], 1, 1, 2, 2);
    assertThrows(DTypeException.class, () -> new MaxPool2d(2).forward(bytes));
  }

  private static void refused(String expected, org.junit.jupiter.api.function.Executable body) {
    String message = assertThrows(ShapeException.class, body).getMessage();
    assertTrue(message.contains(expected), message);
  }

  /** Values in random order that differ by at least 0.1. */
  private Tensor distinct(int... dims) {
    int n = Math.toIntExact(Shape.of(dims).size());
    List<Integer> order = IntStream.range(0, n).boxed().collect(Collectors.toList());
    Collections.shuffle(order, random);
    double[] values = new double[n];
    Arrays.setAll(values, i -> 0.2 * order.get(i) + 0.1 * random.nextDouble() - 0.1 * n);
    return session.tensor(values, dims);
  }

  private static String seed() {
    return ", seed " + SEED;
  }
}
