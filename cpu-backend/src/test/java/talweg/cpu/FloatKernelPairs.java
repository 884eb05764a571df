package talweg.cpu;

import java.util.Arrays;
import java.util.Random;
import talweg.op.BinaryKind;
import talweg.op.ReduceKind;
import talweg.op.UnaryKind;

/**
 * Compares the vector kernels for F32 with the scalar ones on the same data: sizes around all
 * vector lengths, at unequal offsets. Can be run by itself, since a vector width holds for a whole
 * JVM.
 */
final class FloatKernelPairs {
  private static final int[] SIZES = {
    0, 1, 3, 7, 8, 15, 16, 17, 31, 33, 63, 65, 127, 129, 255, 257, 1000, 1023, 1025, 2100
  };

  private static final int SLACK = 8;

  private final Random random = new Random(17);
  private final Kernels<float[]> scalar = new ScalarFloatKernels();
  private final Kernels<float[]> vector = new VectorFloatKernels();

  private FloatKernelPairs() {}

  /** Checks all kernels, and prints the vector width. */
  public static void main(String[] args) {
    check();
    System.out.println("bits " + Lanes.FLOATS.vectorBitSize());
  }

  /** Throws an AssertionError at the first difference. */
  static void check() {
    FloatKernelPairs pairs = new FloatKernelPairs();
    for (int n : SIZES) {
      for (int round = 0; round < 3; round++) {
        pairs.unary(n, round);
        pairs.binary(n);
        pairs.reductions(n);
        pairs.adam(n);
        pairs.sgd(n);
      }
    }
  }

  private void unary(int n, int round) {
    int from = random.nextInt(SLACK);
    int to = random.nextInt(SLACK);
    float p = new float[] {0.7f, 1, -0.3f}[round];
    for (UnaryKind kind : UnaryKind.values()) {
      float[] x = numbers(n);
      float[] expected = numbers(n);
      float[] actual = expected.clone();
      scalar.unary(kind, p, 1.5, x, from, expected, to, n);
      vector.unary(kind, p, 1.5, x, from, actual, to, n);
      same(kind, expected, actual, isExact(kind) ? 0 : 2e-6);
      // In place.
      float[] twin = x.clone();
      scalar.unary(kind, p, 1.5, x, from, x, from, n);
      vector.unary(kind, p, 1.5, twin, from, twin, from, n);
      same(kind, x, twin, isExact(kind) ? 0 : 2e-6);
    }
    float[] x = numbers(n);
    float[] expected = numbers(n);
    float[] actual = expected.clone();
    scalar.affine(0.3, p, x, from, expected, to, n);
    vector.affine(0.3, p, x, from, actual, to, n);
    same("affine", expected, actual, 0);
  }

  private static boolean isExact(UnaryKind kind) {
    return switch (kind) {
      case SQRT, RECIPROCAL, SQUARE, POW, SIN, COS, ABS, SIGN, RELU, LEAKY_RELU, CLAMP -> true;
      case EXP, LOG, RSQRT, ERF, TANH, SIGMOID, ELU, SILU, GELU, GELU_TANH, SOFTPLUS -> false;
    };
  }

  private void binary(int n) {
    int xo = random.nextInt(SLACK);
    int yo = random.nextInt(SLACK);
    int to = random.nextInt(SLACK);
    for (BinaryKind kind : BinaryKind.values()) {
      float[] x = numbers(n);
      float[] y = numbers(n);
      if (kind.isComparison()) {
        byte[] expected = new byte[n + SLACK];
        byte[] actual = new byte[n + SLACK];
        scalar.compare(kind, x, xo, y, yo, expected, to, n);
        vector.compare(kind, x, xo, y, yo, actual, to, n);
        require(Arrays.equals(expected, actual), kind + " of " + n);
        continue;
      }
      float[] expected = numbers(n);
      float[] actual = expected.clone();
      scalar.binary(kind, x, xo, y, yo, expected, to, n);
      vector.binary(kind, x, xo, y, yo, actual, to, n);
      same(kind, expected, actual, 0);
      float[] twin = y.clone();
      scalar.binary(kind, x, xo, y, yo, y, yo, n);
      vector.binary(kind, x, xo, twin, yo, twin, yo, n);
      same(kind, y, twin, 0);
    }
  }

  private void reductions(int n) {
    int from = random.nextInt(SLACK);
    float[] x = numbers(n);
    float[] finite = normals(n);
    double[] expected = random.doubles(Math.max(1, n)).toArray();
    double[] actual = expected.clone();
    double[] lost = new double[expected.length];
    scalar.sum(finite, from, n, expected, lost, 0);
    vector.sum(finite, from, n, actual, lost, 0);
    require(Math.abs(expected[0] - actual[0]) <= 1e-12 * n, "sum of " + n);
    actual[0] = expected[0];
    scalar.sumEach(x, from, n, expected, lost);
    vector.sumEach(x, from, n, actual, lost);
    require(Arrays.equals(expected, actual), "sums of " + n);
    for (ReduceKind kind : new ReduceKind[] {ReduceKind.MAX, ReduceKind.MIN}) {
      for (float[] values : new float[][] {x, finite}) {
        float[] best = {0.25f};
        float[] twin = best.clone();
        scalar.extreme(kind, values, from, n, best, 0);
        vector.extreme(kind, values, from, n, twin, 0);
        same(kind, best, twin, 0);
      }
    }
    double squares = new ScalarFloatUpdates().sumOfSquares(finite, from, n);
    double twin = new VectorFloatUpdates().sumOfSquares(finite, from, n);
    require(Math.abs(squares - twin) <= 1e-14 * squares, "sum of squares of " + n);
  }

  private void adam(int n) {
    int from = random.nextInt(SLACK);
    AdamFactors factors = new AdamFactors(0.5, 1.2, 0.01, 0.9, 0.99, 0.999, 0.1, 1.3, 1e-8);
    float[][] scalars = {normals(n), normals(n), normals(n), squares(n), squares(n)};
    for (boolean amsGrad : new boolean[] {false, true}) {
      float[][] a = copy(scalars);
      float[][] b = copy(scalars);
      new ScalarFloatUpdates()
          .adam(factors, a[0], a[1], a[2], a[3], amsGrad ? a[4] : null, from, from + n);
      new VectorFloatUpdates()
          .adam(factors, b[0], b[1], b[2], b[3], amsGrad ? b[4] : null, from, from + n);
      require(Arrays.deepEquals(a, b), "adam of " + n);
    }
  }

  private void sgd(int n) {
    int from = random.nextInt(SLACK);
    float[][] scalars = {normals(n), normals(n), normals(n)};
    for (int variant = 0; variant < 8; variant++) {
      boolean nesterov = (variant & 1) == 1;
      SgdFactors factors =
          new SgdFactors(0.5, 1.2, 0.01, 0.9, 0.8, nesterov, (variant & 2) == 2, 0.1);
      float[][] a = copy(scalars);
      float[][] b = copy(scalars);
      boolean buffered = variant >= 4;
      new ScalarFloatUpdates().sgd(factors, a[0], a[1], buffered ? a[2] : null, from, from + n);
      new VectorFloatUpdates().sgd(factors, b[0], b[1], buffered ? b[2] : null, from, from + n);
      require(Arrays.deepEquals(a, b), "sgd of " + n);
    }
  }

  private static float[][] copy(float[][] arrays) {
    return Arrays.stream(arrays).map(float[]::clone).toArray(float[][]::new);
  }

  private float[] normals(int n) {
    float[] out = new float[n + SLACK];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) random.nextGaussian();
    }
    return out;
  }

  private float[] squares(int n) {
    float[] out = normals(n);
    for (int i = 0; i < out.length; i++) {
      out[i] *= out[i];
    }
    return out;
  }

  /** Numbers of all magnitudes, and special ones. */
  private float[] numbers(int n) {
    float[] special = {
      Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0, -0f, 1, -1, 1e-40f, -90, 90
    };
    float[] out = normals(n);
    for (int i = 0; i < out.length; i++) {
      int choice = random.nextInt(6);
      out[i] =
          choice == 0
              ? special[random.nextInt(special.length)]
              : choice == 1
                  ? out[i] * (float) Math.exp(10 * random.nextGaussian())
                  : out[i] * choice;
    }
    return out;
  }

  private static void same(Object what, float[] expected, float[] actual, double tolerance) {
    for (int i = 0; i < expected.length; i++) {
      float e = expected[i];
      float a = actual[i];
      boolean same = e == a || (Float.isNaN(e) && Float.isNaN(a));
      require(
          same || Math.abs(e - a) <= tolerance * Math.abs(e) + (tolerance > 0 ? 1e-42 : 0),
          "%s of %d: element %d: expected %s, got %s".formatted(what, expected.length, i, e, a));
    }
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new AssertionError(what);
    }
  }
}
