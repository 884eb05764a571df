package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.nn.Functional;
import talweg.op.Window2d;
import talweg.reference.ReferenceBackend;
import talweg.session.Session;
import talweg.spi.Backend;
import talweg.spi.DeviceSpec;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Size2d;
import talweg.tensor.Tensor;

/**
 * Convolution and pooling, whose windows are overlapping views: the same as on the reference
 * backend, forward and backward. Another seed: {@code -Dtalweg.test.seed=N}.
 */
class ConvolutionTest {
  private static final long SEED = Long.getLong("talweg.test.seed", 20260105);
  private static final Size2d ONE = Size2d.of(1);
  private static final Size2d TWO = Size2d.of(2);

  private final Random random = new Random(SEED);

  @ParameterizedTest
  @EnumSource(names = {"F32", "F64"})
  void equalsTheReference(DType dtype) {
    double tolerance = dtype == DType.F32 ? 5e-6 : 1e-13;
    for (int round = 0; round < 12; round++) {
      int groups = 1 + random.nextInt(2);
      Size2d stride = Size2d.of(1 + random.nextInt(2), 1 + random.nextInt(2));
      Size2d padding = Size2d.of(random.nextInt(3), random.nextInt(3));
      Size2d dilation = Size2d.of(1 + random.nextInt(2), 1 + random.nextInt(2));
      double[] x = values(3 * 2 * groups * 11 * 10);
      double[] weight = values(4 * 2 * 3 * 2);
      double[] bias = values(4);
      List<List<double[]>> results = new ArrayList<>();
      for (Backend backend : List.of(new ReferenceBackend(), open())) {
        try (Session session = new Session(backend)) {
          Tensor images = session.tensor(x, 3, 2 * groups, 11, 10).to(dtype).requireGrad();
          Tensor kernels = session.tensor(weight, 4, 2, 3, 2).to(dtype).requireGrad();
          Tensor shift = session.tensor(bias, 4).to(dtype).requireGrad();
          // First of all, so that rounding does not choose the winners.
          Tensor max = Functional.maxPool2d(images, TWO, ONE, ONE);
          Tensor y = Functional.conv2d(max, kernels, shift, stride, padding, dilation, groups);
          Tensor mean = Functional.avgPool2d(y, Size2d.of(2, 3), TWO, ONE, false);
          mean.square().sum().backward();
          List<Tensor> all = List.of(mean, images.grad(), kernels.grad(), shift.grad());
          results.add(all.stream().map(Tensor::toDoubles).toList());
        }
      }
      for (int i = 0; i < results.getFirst().size(); i++) {
        compare(results.getFirst().get(i), results.getLast().get(i), tolerance);
      }
    }
  }

  @Test
  void overlappingWindowsAreNotWrittenTo() {
    try (Session session = new Session(open())) {
      View image = session.zeros(DType.F32, 3, 3).view();
      View windows = image.windows(new Window2d(TWO, ONE, ONE));
      assertThrows(AssertionError.class, () -> session.backend().fill(windows, 0));
      assertThrows(AssertionError.class, () -> session.backend().affine(1, 1, windows, windows));
    }
  }

  private static Backend open() {
    return new CpuProvider().open(DeviceSpec.DEFAULT);
  }

  private static void compare(double[] expected, double[] actual, double tolerance) {
    double scale = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], tolerance * scale, "seed " + SEED);
    }
  }

  private double[] values(int n) {
    double[] values = new double[n];
    Arrays.setAll(values, i -> (float) random.nextGaussian());
    return values;
  }
}
