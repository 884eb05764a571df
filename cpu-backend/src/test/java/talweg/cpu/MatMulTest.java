package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

class MatMulTest {
  /** One matrix product; batch extents lead. */
  private record Case(int[] batch, int m, int k, int n) {
    Shape left(boolean transposed) {
      return shape(transposed ? k : m, transposed ? m : k);
    }

    Shape right(boolean transposed) {
      return shape(transposed ? n : k, transposed ? k : n);
    }

    Shape out() {
      return shape(m, n);
    }

    private Shape shape(int rows, int columns) {
      int[] dims = Arrays.copyOf(batch, batch.length + 2);
      dims[batch.length] = rows;
      dims[batch.length + 1] = columns;
      return Shape.of(dims);
    }
  }

  static Stream<Case> cases() {
    return Stream.of(
        new Case(new int[] {}, 1, 1, 1),
        new Case(new int[] {}, 1, 300, 17),
        new Case(new int[] {}, 33, 70, 1),
        new Case(new int[] {}, 7, 5, 100),
        new Case(new int[] {}, 64, 65, 10),
        // Several panels both ways, with remainders.
        new Case(new int[] {}, 3, 270, 530),
        new Case(new int[] {3}, 4, 9, 70),
        new Case(new int[] {2, 3}, 5, 6, 7),
        new Case(new int[] {2, 0}, 5, 6, 7),
        new Case(new int[] {}, 0, 3, 4),
        new Case(new int[] {2}, 3, 0, 4));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void product(Case c) {
    Twins twins = new Twins(c.m() + 31L * c.n());
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      for (int trans = 0; trans < 4; trans++) {
        boolean transA = (trans & 1) == 1;
        boolean transB = (trans & 2) == 2;
        for (Form form : Form.values()) {
          Twin a = operand(twins, dtype, c.left(transA), form, c.k());
          Twin b = operand(twins, dtype, c.right(transB), twins.form(), c.k());
          Twin out = twins.normal(dtype, c.out(), twins.writable());
          check(twins, transA, transB, 1, 0, a, b, out);
          check(twins, transA, transB, -0.5, 0.75, a, b, out);
        }
      }
    }
  }

  /** Elements such that the product's elements are of magnitude 1. */
  private static Twin operand(Twins twins, DType dtype, Shape shape, Form form, int k) {
    double scale = 1 / Math.sqrt(Math.sqrt(Math.max(1, k)));
    return twins.of(dtype, shape, form, () -> twins.random.nextGaussian() * scale);
  }

  private static void check(
      Twins twins,
      boolean transA,
      boolean transB,
      double alpha,
      double beta,
      Twin a,
      Twin b,
      Twin out) {
    twins.run(
        (backend, v) -> backend.matmul(transA, transB, alpha, beta, v[0], v[1], v[2]), a, b, out);
    twins.assertClose(out, Twins.sumTolerance(out.actual().dtype()), 1);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void bfloat16OperandsGiveFloats(long seed) {
    Twins twins = new Twins(seed);
    for (int trans = 0; trans < 4; trans++) {
      Case c = new Case(new int[] {2}, 9, 40, 70);
      boolean transA = (trans & 1) == 1;
      boolean transB = (trans & 2) == 2;
      Twin a = operand(twins, DType.BF16, c.left(transA), twins.form(), c.k());
      Twin b = operand(twins, DType.BF16, c.right(transB), twins.form(), c.k());
      Twin out = twins.normal(DType.F32, c.out(), twins.writable());
      check(twins, transA, transB, 1, 1, a, b, out);
    }
  }

  @Test
  void overlappingWindowsAsOperand() {
    Twins twins = new Twins(4);
    Twin line = twins.normal(DType.F32, Shape.of(50), Form.CONTIGUOUS);
    Twin windows = new Twin(windows(line.expected()), windows(line.actual()));
    Twin b = twins.normal(DType.F32, Shape.of(8, 3), Form.CONTIGUOUS);
    Twin out = twins.normal(DType.F32, Shape.of(40, 3), Form.CONTIGUOUS);
    check(twins, false, false, 0.1, 0, windows, b, out);
  }

  private static View windows(View line) {
    return new View(line.buffer(), line.offset(), Shape.of(40, 8), new long[] {1, 1});
  }

  @Test
  void betaZeroDoesNotReadTheOutput() {
    Twins twins = new Twins(5);
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      Twin a = twins.normal(dtype, Shape.of(3, 4), Form.CONTIGUOUS);
      Twin b = twins.normal(dtype, Shape.of(4, 5), Form.CONTIGUOUS);
      Twin out = twins.of(dtype, Shape.of(3, 5), Form.CONTIGUOUS, () -> Double.NaN);
      check(twins, false, false, 0.25, 0, a, b, out);
    }
  }

  @Test
  void infinitiesStayInTheirRow() {
    Twins twins = new Twins(6);
    // An odd number of rows and an inner extent that is padded inside: neither may leak NaN.
    Twin a = twins.of(DType.F32, Shape.of(3, 5), Form.CONTIGUOUS, () -> 1);
    Twin b = twins.normal(DType.F32, Shape.of(5, 100), Form.CONTIGUOUS);
    twins.run(
        (backend, v) ->
            backend.fill(
                v[0].slice(new int[] {1, 2}, new int[] {1, 1}, Shape.of(1, 1)),
                Double.POSITIVE_INFINITY),
        a);
    Twin out = twins.normal(DType.F32, Shape.of(3, 100), Form.CONTIGUOUS);
    check(twins, false, false, 1, 0, a, b, out);
  }

  /** Working memory is reused: what it was padded with must not come from an earlier product. */
  @Test
  void infinitiesDoNotOutliveTheirProduct() {
    Twins twins = new Twins(8);
    for (boolean left : new boolean[] {true, false}) {
      double x = left ? Double.POSITIVE_INFINITY : 1;
      double y = left ? 1 : Double.POSITIVE_INFINITY;
      Twin a = twins.of(DType.F32, Shape.of(4, 8), Form.CONTIGUOUS, () -> x);
      Twin b = twins.of(DType.F32, Shape.of(8, 100), Form.CONTIGUOUS, () -> y);
      Twin out = twins.normal(DType.F32, Shape.of(4, 100), Form.CONTIGUOUS);
      check(twins, false, false, 1, 0, a, b, out);
      Twin ones = twins.of(DType.F32, Shape.of(4, 5), Form.CONTIGUOUS, () -> 1);
      Twin twos = twins.of(DType.F32, Shape.of(5, 100), Form.CONTIGUOUS, () -> 2);
      check(twins, false, false, 1, 0, ones, twos, out);
    }
  }

  @Test
  void theLayoutDoesNotChangeTheBits() {
    Twins twins = new Twins(7);
    View a = twins.normal(DType.F32, Shape.of(70, 300), Form.CONTIGUOUS).actual();
    View b = twins.normal(DType.F32, Shape.of(300, 600), Form.CONTIGUOUS).actual();
    View transposed = twins.normal(DType.F32, Shape.of(300, 70), Form.SLICED).actual();
    twins.cpu.copy(a.transpose(), transposed);
    View expected = twins.normal(DType.F32, Shape.of(70, 600), Form.CONTIGUOUS).actual();
    View actual = twins.normal(DType.F32, Shape.of(70, 600), Form.CONTIGUOUS).actual();
    twins.cpu.matmul(false, false, 1, 0, a, b, expected);
    twins.cpu.matmul(true, false, 1, 0, transposed, b, actual);
    assertArrayEquals(floats(twins, expected), floats(twins, actual));
  }

  private static float[] floats(Twins twins, View view) {
    float[] out = new float[(int) view.size()];
    twins.cpu.download(view, MemorySegment.ofArray(out));
    return out;
  }
}
