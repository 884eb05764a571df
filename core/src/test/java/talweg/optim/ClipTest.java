package talweg.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.reference.ReferenceBackend;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/** Properties of bounds on gradients, on random ones of many scales. */
class ClipTest {
  private static final int ROUNDS = 40;

  private final Session session = new Session(new ReferenceBackend());

  @AfterEach
  void close() {
    session.close();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 1, 1.5, 2, 3, 12, Double.POSITIVE_INFINITY})
  void theGlobalNormIsBoundedAndTheDirectionKept(double p) {
    Random random = random("theGlobalNormIsBoundedAndTheDirectionKept");
    for (int round = 0; round < ROUNDS; round++) {
      double[] a = values(random, 12);
      double[] b = values(random, 5);
      double[] all = DoubleStream.concat(Arrays.stream(a), Arrays.stream(b)).toArray();
      double norm = norm(all, p);
      double bound = norm * Math.exp(random.nextGaussian());
      List<Tensor> gradients = Arrays.asList(tensor(a, 3, 4), null, tensor(b, 5));
      double told = Clip.byGlobalNorm(session, gradients, new Clip.ByGlobalNorm(bound, p)).item();
      assertEquals(norm, told, 1e-12 * norm);
      double[] clipped =
          DoubleStream.concat(
                  Arrays.stream(gradients.get(0).toDoubles()),
                  Arrays.stream(gradients.get(2).toDoubles()))
              .toArray();
      assertBounded(all, clipped, norm, bound, p);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {1, 2, 3, Double.POSITIVE_INFINITY})
  void aTensorsNormIsBoundedForItself(double p) {
    Random random = random("aTensorsNormIsBoundedForItself");
    for (int round = 0; round < ROUNDS; round++) {
      double[] values = values(random, 12);
      double norm = norm(values, p);
      double bound = norm * Math.exp(random.nextGaussian());
      Tensor gradient = tensor(values, 2, 3, 2);
      Clip.scale(gradient, gradient, 1, new Clip.ByTensorNorm(bound, p));
      assertBounded(values, gradient.toDoubles(), norm, bound, p);
    }
  }

  /** Not above the bound; parallel to what it was; unchanged if well below, but for the 1e-6. */
  private static void assertBounded(
      double[] before, double[] after, double norm, double bound, double p) {
    assertTrue(norm(after, p) <= bound * (1 + 1e-12), () -> norm(after, p) + " > " + bound);
    double factor = Math.min(1, bound / (norm + 1e-6));
    double[] expected = Arrays.stream(before).map(g -> g * factor).toArray();
    assertArrayEquals(expected, after, 1e-12 * norm(before, Double.POSITIVE_INFINITY));
    if (bound > norm + 1e-6) {
      assertArrayEquals(before, after);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F64"})
  void adaptiveClippingBoundsEachUnitByItsWeights(DType dtype) {
    Random random = random("adaptiveClippingBoundsEachUnitByItsWeights");
    double slack = dtype == DType.F64 ? 1e-12 : 1e-6;
    int[][] shapes = {{4, 6}, {4, 2, 3, 1}, {24}, {1, 24}, {24, 1}, {}};
    for (int round = 0; round < ROUNDS; round++) {
      int[] shape = shapes[round % shapes.length];
      int size = IntStream.of(shape).reduce(1, (x, y) -> x * y);
      int unit = shape.length < 2 ? size : size / shape[0];
      double ratio = Math.exp(random.nextGaussian());
      double eps = 1e-3;
      Tensor gradient = tensor(values(random, size), shape).to(dtype);
      Tensor weights = tensor(values(random, size), shape).to(dtype);
      double[] before = gradient.toDoubles();
      Clip.scale(gradient, weights, 1, new Clip.Adaptive(ratio, eps));
      double[] after = gradient.toDoubles();
      for (int start = 0; start < size; start += unit) {
        double[] g = Arrays.copyOfRange(before, start, start + unit);
        double[] clipped = Arrays.copyOfRange(after, start, start + unit);
        double[] w = Arrays.copyOfRange(weights.toDoubles(), start, start + unit);
        double bound = ratio * Math.max(norm(w, 2), eps);
        if (norm(g, 2) <= bound) {
          assertArrayEquals(g, clipped);
        } else {
          assertEquals(bound, norm(clipped, 2), slack * bound);
          double factor = bound / norm(g, 2);
          double[] expected = Arrays.stream(g).map(x -> x * factor).toArray();
          assertArrayEquals(expected, clipped, slack * bound);
        }
      }
    }
  }

  /** The bound grows with the weights: c W and c G are clipped to c times what W and G are. */
  @Test
  void adaptiveClippingDoesNotDependOnTheScale() {
    Random random = random("adaptiveClippingDoesNotDependOnTheScale");
    for (int round = 0; round < ROUNDS; round++) {
      double[] g = values(random, 12);
      double[] w = DoubleStream.generate(() -> 1 + random.nextDouble()).limit(12).toArray();
      // A power of two changes no rounding.
      double scale = Math.scalb(1.0, random.nextInt(9));
      Clip.Adaptive clip = new Clip.Adaptive(0.1, 1e-3);
      Tensor one = tensor(g, 3, 4);
      Clip.scale(one, tensor(w, 3, 4), 1, clip);
      Tensor scaled = tensor(g, 3, 4).mul(scale);
      Clip.scale(scaled, tensor(w, 3, 4).mul(scale), 1, clip);
      assertArrayEquals(one.mul(scale).toDoubles(), scaled.toDoubles());
    }
  }

  @Test
  void zeroGradientsAndZeroWeightsAreFine() {
    Tensor zero = session.zeros(DType.F64, 2, 3);
    Clip.scale(zero, session.zeros(DType.F64, 2, 3), 1, new Clip.Adaptive(0.01, 1e-3));
    assertArrayEquals(new double[6], zero.toDoubles());
    Tensor first = tensor(new double[] {3, 4, 0, 0}, 2, 2);
    Clip.scale(first, session.zeros(DType.F64, 2, 2), 1, new Clip.Adaptive(0.5, 1e-3));
    assertArrayEquals(new double[] {3e-4, 4e-4, 0, 0}, first.toDoubles(), 1e-18);
  }

  @Test
  void notANumberStaysInItsUnit() {
    double[] values = {Double.NaN, 1, 3, 4, Double.POSITIVE_INFINITY, 1};
    Tensor gradient = tensor(values, 3, 2);
    Tensor ones = tensor(new double[] {1, 1, 3, 4, 1, 1}, 3, 2);
    Clip.scale(gradient, ones, 1, new Clip.Adaptive(0.5, 1e-3));
    double nan = Double.NaN;
    assertArrayEquals(new double[] {nan, nan, 1.5, 2, nan, 0}, gradient.toDoubles(), 1e-15);
  }

  /** Where the powers themselves would overflow or vanish. */
  @ParameterizedTest
  @ValueSource(doubles = {1e-30, 1, 1e38})
  void highOrdersNeitherOverflowNorVanish(double scale) {
    Tensor gradient = tensor(new double[] {scale, -scale}, 2);
    double norm = Clip.globalNorm(session, List.of(gradient), 16).item();
    assertEquals(scale * Math.pow(2, 1 / 16.0), norm, 1e-12 * scale);
    List<Tensor> infinite = List.of(tensor(new double[] {scale, Double.NEGATIVE_INFINITY}, 2));
    assertEquals(Double.POSITIVE_INFINITY, Clip.globalNorm(session, infinite, 16).item());
    List<Tensor> nan = List.of(tensor(new double[] {scale, Double.NaN}, 2));
    assertEquals(Double.NaN, Clip.globalNorm(session, nan, 16).item());
    assertEquals(0, Clip.globalNorm(session, List.of(session.zeros(DType.F64, 3)), 16).item());
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN})
  void boundsArePositive(double bound) {
    assertThrows(IllegalArgumentException.class, () -> Clip.byGlobalNorm(bound));
    assertThrows(IllegalArgumentException.class, () -> Clip.byTensorNorm(bound));
    assertThrows(IllegalArgumentException.class, () -> Clip.adaptive(bound));
    assertThrows(IllegalArgumentException.class, () -> new Clip.ByValue(bound));
    assertThrows(IllegalArgumentException.class, () -> new Clip.Adaptive(1, bound));
    assertThrows(IllegalArgumentException.class, () -> new Clip.ByTensorNorm(1, bound));
  }

  private static Random random(String test) {
    long seed = System.nanoTime();
    System.out.println("ClipTest." + test + ": seed " + seed);
    return new Random(seed);
  }

  /** Numbers of one random scale between about 1e-3 and 1e3. */
  private static double[] values(Random random, int n) {
    double scale = Math.exp(3 * Math.max(-2.3, Math.min(2.3, random.nextGaussian())));
    return random.doubles(n, -scale, scale).toArray();
  }

  private Tensor tensor(double[] values, int... dims) {
    return session.tensor(values, dims);
  }

  private static double norm(double[] x, double p) {
    double[] abs = Arrays.stream(x).map(Math::abs).toArray();
    return Double.isInfinite(p)
        ? Arrays.stream(abs).max().orElse(0)
        : Math.pow(Arrays.stream(abs).map(v -> Math.pow(v, p)).sum(), 1 / p);
  }
}
