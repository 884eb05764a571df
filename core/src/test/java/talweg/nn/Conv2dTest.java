package talweg.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
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
class Conv2dTest {
  private static final long SEED = Long.getLong("talweg.test.seed", 20260102);
  private static final Size2d ONE = Size2d.of(1);
  private static final Size2d NONE = Size2d.of(0);

  private final Session session = new Session(new ReferenceBackend());
  private final Random random = new Random(SEED);

  @AfterEach
  void close() {
    session.close();
  }

  record Settings(Size2d kernel, Size2d stride, Size2d padding, Size2d dilation, int groups) {
    Tensor of(Tensor x, Tensor weight, Tensor bias) {
      return Functional.conv2d(x, weight, bias, stride, padding, dilation, groups);
    }
  }

  static Stream<Settings> settings() {
    return Stream.of(
        new Settings(Size2d.of(3), ONE, NONE, ONE, 1),
        new Settings(Size2d.of(3, 2), Size2d.of(2, 1), Size2d.of(1, 0), ONE, 1),
        new Settings(Size2d.of(2, 3), ONE, Size2d.of(2, 1), Size2d.of(3, 1), 2),
        new Settings(Size2d.of(3), Size2d.of(2), Size2d.of(1), Size2d.of(2), 2),
        new Settings(ONE, Size2d.of(2, 3), NONE, ONE, 1),
        new Settings(Size2d.of(2), ONE, ONE, ONE, 4),
        new Settings(Size2d.of(5, 6), ONE, Size2d.of(0, 1), ONE, 1));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void equalsTheLoops(Settings s) {
    Tensor x = random(2, 4, 5, 6);
    Tensor weight = random(8, 4 / s.groups, s.kernel.height(), s.kernel.width());
    Tensor bias = random(8);
    Tensor y = s.of(x, weight, bias);
    assertArrayEquals(loops(s, x, weight, bias, y.shape()), y.toDoubles(), 1e-12, seed());
    double[] plain = loops(s, x, weight, session.zeros(DType.F64, 8), y.shape());
    assertArrayEquals(plain, s.of(x, weight, null).toDoubles(), 1e-12, seed());
  }

  /** The definition, with indices written out. */
  private static double[] loops(Settings s, Tensor x, Tensor weight, Tensor bias, Shape y) {
    int[] in = x.shape().dims();
    int[] w = weight.shape().dims();
    double[] values = x.toDoubles();
    double[] weights = weight.toDoubles();
    double[] biases = bias.toDoubles();
    double[] out = new double[Math.toIntExact(y.size())];
    int at = 0;
    for (int n = 0; n < in[0]; n++) {
      for (int o = 0; o < w[0]; o++) {
        for (int i = 0; i < y.dim(2); i++) {
          for (int j = 0; j < y.dim(3); j++, at++) {
            out[at] = biases[o];
            for (int c = 0; c < w[1]; c++) {
              int channel = o / (w[0] / s.groups) * w[1] + c;
              for (int k = 0; k < w[2] * w[3]; k++) {
                int row = i * s.stride.height() + k / w[3] * s.dilation.height();
                int column = j * s.stride.width() + k % w[3] * s.dilation.width();
                row -= s.padding.height();
                column -= s.padding.width();
                if (row >= 0 && row < in[2] && column >= 0 && column < in[3]) {
                  out[at] +=
                      values[((n * in[1] + channel) * in[2] + row) * in[3] + column]
                          * weights[(o * w[1] + c) * w[2] * w[3] + k];
                }
              }
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
    Function<List<Tensor>, Tensor> f = in -> s.of(in.get(0).square(), in.get(1), in.get(2)).sin();
    List<Tensor> inputs =
        List.of(
            random(1, 4, 5, 4),
            random(4, 4 / s.groups, s.kernel.height(), s.kernel.width()),
            random(4));
    GradCheck.Result first = GradCheck.check(f, inputs);
    assertTrue(first.passes(1e-7), () -> first + seed());
    GradCheck.Result second = GradCheck.checkSecondOrder(f, inputs);
    assertTrue(second.passes(1e-6), () -> second + seed());
  }

  @Test
  void imagesMayBeAnyView() {
    Tensor x = random(5, 6, 3, 2);
    Tensor weight = random(4, 3, 2, 2);
    Tensor viewed = x.permute(3, 2, 0, 1);
    Tensor dense = viewed.contiguous();
    assertArrayEquals(
        Functional.conv2d(dense, weight, null, ONE, ONE, ONE, 1).toDoubles(),
        Functional.conv2d(viewed, weight, null, ONE, ONE, ONE, 1).toDoubles());
  }

  @Test
  void anEmptyBatchGivesAnEmptyBatch() {
    Tensor x = session.zeros(DType.F64, 0, 3, 5, 5);
    Tensor y = Functional.conv2d(x, random(4, 3, 3, 3), random(4), ONE, ONE, ONE, 1);
    assertEquals(Shape.of(0, 4, 5, 5), y.shape());
  }

  @Test
  void parametersHavePyTorchsNamesShapesAndRange() {
    Size2d kernel = Size2d.of(3, 5);
    Conv2d layer = new Conv2d(4, 64, kernel, ONE, NONE, ONE, 2, true);
    layer.init(session, DType.F64, 7);
    assertEquals(List.of("weight", "bias"), List.copyOf(layer.named().keySet()));
    assertEquals(Shape.of(64, 2, 3, 5), layer.weight().shape());
    assertEquals(Shape.of(64), layer.bias().shape());
    double bound = 1 / Math.sqrt(2 * 3 * 5);
    for (Parameter parameter : layer.trainable()) {
      double largest =
          Arrays.stream(parameter.value().toDoubles()).map(Math::abs).max().orElseThrow();
      assertTrue(largest <= bound && largest > 0.9 * bound, () -> largest + " of " + bound);
    }
    Conv2d plain = new Conv2d(4, 8, kernel, ONE, NONE, ONE, 1, false);
    assertNull(plain.bias());
    assertEquals(8 * 4 * 3 * 5, plain.parameterCount());
  }

  @Test
  void layersSayWhatTheyAre() {
    assertEquals("Conv2d(1, 16, 3x3)", new Conv2d(1, 16, 3).toString());
    assertEquals(
        "Conv2d(4, 8, 3x5, stride 2x1, padding 1x2, dilation 2x2, 4 groups, no bias)",
        new Conv2d(4, 8, Size2d.of(3, 5), Size2d.of(2, 1), Size2d.of(1, 2), Size2d.of(2), 4, false)
            .toString());
  }

  @Test
  void networksOfLayersTakeImagesToClasses() {
    Module network =
        new Sequential(
            new Unflatten(1, 8, 8),
            new Conv2d(1, 4, 3, 2, 1),
            new Activation(Activation.Kind.RELU),
            new Flatten(),
            new Linear(4 * 4 * 4, 10));
    network.init(session, 1);
    Tensor x = session.zeros(DType.F32, 3, 64);
    assertEquals(Shape.of(3, 10), network.forward(x).shape());
    network.forward(x).sum().backward();
    for (Parameter parameter : network.trainable()) {
      assertEquals(parameter.shape(), parameter.value().grad().shape());
    }
  }

  @Test
  void inputsThatDoNotFitAreNamed() {
    Tensor x = random(2, 4, 5, 6);
    Tensor weight = random(8, 4, 3, 3);
    refused("conv2d: expected [batch, channels", () -> conv(random(4, 5, 6), weight, NONE));
    refused("unsqueeze(0)", () -> conv(random(4, 5, 6), weight, NONE));
    refused("expected a weight [out", () -> conv(x, random(8, 36), NONE));
    refused("expects 3 input channels, got [2, 4, 5, 6]", () -> conv(x, random(8, 3, 3, 3), NONE));
    refused(
        "expected a bias [8]", () -> Functional.conv2d(x, weight, random(4), ONE, NONE, ONE, 1));
    refused(
        "8 output channels of weight [8, 4, 3, 3] cannot be split into 3 groups",
        () -> Functional.conv2d(x, weight, null, ONE, NONE, ONE, 3));
    refused(
        "kernel 7x3 and dilation 1x1 does not fit into images of 5x6 with padding 0x0",
        () -> conv(x, random(8, 4, 7, 3), NONE));
    refused("padding of at least 1x0", () -> conv(x, random(8, 4, 7, 3), NONE));
    refused(
        "does not fit", () -> Functional.conv2d(x, weight, null, ONE, ONE, Size2d.of(1 << 30), 1));
    refused("stride must be at least 1", () -> new Conv2d(1, 2, 3, 0, 0));
    refused("padding must be at least 0", () -> new Conv2d(1, 2, 3, 1, -1));
    refused("kernel must be at least 1", () -> new Conv2d(1, 2, 0));
    refused("got 2 groups", () -> new Conv2d(3, 4, ONE, ONE, NONE, ONE, 2, true));
    assertThrows(
        DTypeException.class, () -> conv(session.tensor(new int[1], 1, 1, 1, 1), weight, NONE));
  }

  @Test
  void aMismatchNamesTheLayerAndTheRemedy() {
    Module network = new Sequential(new Conv2d(1, 4, 3));
    network.init(session, 1);
    Tensor x = session.zeros(DType.F32, 2, 3, 8, 8);
    String message = assertThrows(ShapeException.class, () -> network.forward(x)).getMessage();
    assertEquals(
        "conv2d: expected [batch, 1, height, width], got [2, 3, 8, 8] for Conv2d(1, 4, 3x3): did"
            + " you mean Conv2d(3, 4, ...)? (in layer \"0\")",
        message);
  }

  private static Tensor conv(Tensor x, Tensor weight, Size2d padding) {
    return Functional.conv2d(x, weight, null, ONE, padding, ONE, 1);
  }

  private static void refused(String expected, org.junit.jupiter.api.function.Executable body) {
    String message = assertThrows(ShapeException.class, body).getMessage();
    assertTrue(message.contains(expected), message);
  }

  private Tensor random(int... dims) {
    double[] values = new double[Math.toIntExact(Shape.of(dims).size())];
    Arrays.setAll(values, i -> random.nextGaussian());
    return session.tensor(values, dims);
  }

  private static String seed() {
    return ", seed " + SEED;
  }
}
