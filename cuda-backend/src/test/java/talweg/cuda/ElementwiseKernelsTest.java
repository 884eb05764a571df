package talweg.cuda;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.cuda.TwinBackends.Twin;
import talweg.cuda.sim.SimulatedCuda;
import talweg.cuda.sim.SimulatedGpu;
import talweg.op.BinaryKind;
import talweg.op.UnaryKind;
import talweg.tensor.DType;

@ExtendWith(SimulatedCuda.class)
class ElementwiseKernelsTest {
  /** What CUDA's functions of a float, and the rounding of its argument may be off. */
  private static final double ULPS = 32;

  private static final double[] CONSTANTS = {
    0, 1.5, -2.7, 300, 1e20, -1e20, 0x1.fffffep127, 1e300, Double.NaN, Double.POSITIVE_INFINITY
  };

  /** Extents whose products are not multiples of a vector, and such with nothing or one in them. */
  private static final int[][] SHAPES = {
    {1}, {3, 5}, {7, 1, 3}, {2, 3, 4, 5}, {31, 9}, {2, 0, 3}, {}
  };

  private TwinBackends twins;

  @BeforeEach
  void open(SimulatedGpu gpu) {
    twins = new TwinBackends(gpu);
  }

  @AfterEach
  void close() {
    twins.close();
  }

  private int[] shape() {
    return SHAPES[twins.random.nextInt(SHAPES.length)];
  }

  /** Dense operands at offsets that allow 16-byte loads and at such that do not. */
  private Twin[] dense(DType dtype, int count) {
    int offset = twins.random.nextInt(2) * 4;
    int odd = twins.random.nextInt(count + 1);
    Twin[] operands = new Twin[count];
    for (int i = 0; i < count; i++) {
      operands[i] = twins.dense(dtype, i == odd ? 1 : offset, 13, 3);
    }
    return operands;
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void fill(DType dtype) {
    for (double value : CONSTANTS) {
      for (Twin out : new Twin[] {twins.dense(dtype, 1, 37), twins.strided(dtype, shape())}) {
        twins.run((backend, side) -> backend.fill(side.of(out), value));
        twins.assertSame(out, "fill with " + value);
      }
      twins.clear();
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void copyAndCast(DType from) {
    for (DType to : DType.values()) {
      for (int turn = 0; turn < 3; turn++) {
        int[] shape = shape();
        int offset = twins.random.nextInt(3);
        check(twins.dense(from, offset, 41), twins.dense(to, 2 * offset, 41));
        check(twins.operand(from, shape), twins.strided(to, shape));
        twins.clear();
      }
    }
  }

  private void check(Twin in, Twin out) {
    // Everywhere near the ends of the integer types, between neighbours of BF16, and beyond.
    twins.fill(
        in,
        i -> {
          double x = Math.scalb(1 + twins.random.nextInt(512) / 256.0, twins.random.nextInt(70));
          double nudge = twins.random.nextInt(3) - 1;
          return twins.random.nextInt(9) == 0
              ? Double.NaN
              : (twins.random.nextBoolean() ? x : -x) * (1 + nudge * 0x1p-40) - 0.5;
        });
    twins.run((backend, side) -> backend.copy(side.of(in), side.of(out)));
    twins.assertSame(out, "copy from " + in.dtype());
  }

  @ParameterizedTest
  @EnumSource(UnaryKind.class)
  void unary(UnaryKind kind) {
    double p = kind == UnaryKind.CLAMP ? -0.7 : kind == UnaryKind.POW ? 2.5 : 1.3;
    double q = kind == UnaryKind.SOFTPLUS ? 20 : 0.9;
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      for (int turn = 0; turn < 3; turn++) {
        Twin[] flat = dense(dtype, 2);
        check(kind, p, q, flat[0], flat[1]);
        int[] shape = shape();
        check(kind, p, q, twins.operand(dtype, shape), twins.strided(dtype, shape));
        Twin inPlace = twins.strided(dtype, shape);
        check(kind, p, q, inPlace, inPlace);
        twins.clear();
      }
    }
  }

  private void check(UnaryKind kind, double p, double q, Twin in, Twin out) {
    twins.run((backend, side) -> backend.unary(kind, p, q, side.of(in), side.of(out)));
    // In the far tails of GELU the rounding of the inner function's argument is magnified.
    double floor = kind == UnaryKind.GELU || kind == UnaryKind.GELU_TANH ? 1e-3 : 0;
    twins.assertClose(out, ULPS, floor, kind.toString());
  }

  @ParameterizedTest
  @EnumSource(BinaryKind.class)
  void binary(BinaryKind kind) {
    DType[] types =
        kind.isComparison()
            ? new DType[] {DType.F32, DType.F64, DType.I32, DType.I64}
            : new DType[] {DType.F32, DType.F64};
    for (DType dtype : types) {
      DType result = kind.isComparison() ? DType.U8 : dtype;
      for (int turn = 0; turn < 3; turn++) {
        Twin[] flat = dense(dtype, 2);
        check(kind, flat[0], flat[1], twins.dense(result, turn, 13, 3));
        int[] shape = shape();
        Twin out = twins.strided(result, shape);
        check(kind, twins.operand(dtype, shape), twins.operand(dtype, shape), out);
        twins.clear();
      }
    }
  }

  private void check(BinaryKind kind, Twin a, Twin b, Twin out) {
    twins.run((backend, side) -> backend.binary(kind, side.of(a), side.of(b), side.of(out)));
    twins.assertClose(out, ULPS, 0, kind.toString());
  }

  @Test
  void powersOfAllSpecialValues() {
    double[] values = {
      Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0, -0.0, 1, -1, 2, -3, 0.5
    };
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      int n = values.length;
      Twin a = twins.dense(dtype, 0, n * n);
      Twin b = twins.dense(dtype, 0, n * n);
      Twin out = twins.dense(dtype, 0, n * n);
      twins.fill(a, i -> values[i / n % n]);
      twins.fill(b, i -> values[i % n]);
      check(BinaryKind.POW, a, b, out);
    }
  }

  @Test
  void affineAndWhere() {
    for (DType dtype : DType.values()) {
      for (int turn = 0; turn < 3; turn++) {
        Twin[] flat = dense(dtype, 3);
        int[] shape = shape();
        Twin strided = twins.strided(dtype, shape);
        Twin operand = twins.operand(dtype, shape);
        checkWhere(twins.dense(DType.U8, turn, 13, 3), flat[0], flat[1], flat[2]);
        checkWhere(twins.operand(DType.U8, shape), operand, twins.operand(dtype, shape), strided);
        if (dtype.isArithmetic()) {
          checkAffine(flat[0], flat[1]);
          checkAffine(operand, strided);
        }
        twins.clear();
      }
    }
  }

  private void checkAffine(Twin in, Twin out) {
    // Without cancellation: the device rounds once, the reference in F64 twice.
    twins.fill(in, i -> twins.random.nextDouble());
    twins.run((backend, side) -> backend.affine(1.1, 0.3, side.of(in), side.of(out)));
    twins.assertClose(out, 2, 0, "affine");
  }

  private void checkWhere(Twin condition, Twin a, Twin b, Twin out) {
    twins.fill(condition, i -> twins.random.nextInt(3));
    twins.run(
        (backend, side) -> backend.where(side.of(condition), side.of(a), side.of(b), side.of(out)));
    twins.assertSame(out, "where");
  }

  @Test
  void moreAxesThanAKernelTakes() {
    int[] shape = {2, 3, 2, 2, 1, 2, 3, 2, 2};
    for (int turn = 0; turn < 4; turn++) {
      Twin in = twins.operand(DType.F32, shape);
      Twin out = twins.strided(DType.F32, shape);
      twins.run((backend, side) -> backend.copy(side.of(in), side.of(out)));
      twins.assertSame(out, "copy");
    }
  }
}
