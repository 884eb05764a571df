package talweg.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static talweg.reference.Layout.buffer;
import static talweg.reference.Layout.ramp;
import static talweg.reference.Layout.values;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.op.BinaryKind;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

class ElementwiseTest {
  private static final Shape SHAPE = Shape.of(2, 3);

  private final ReferenceBackend backend = new ReferenceBackend();

  private static double formula(BinaryKind kind, double a, double b) {
    return switch (kind) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> a / b;
      case POW -> Math.pow(a, b);
      case MAXIMUM -> a > b ? a : b;
      case MINIMUM -> a < b ? a : b;
      case EQ -> a == b ? 1 : 0;
      case NE -> a == b ? 0 : 1;
      case LT -> a < b ? 1 : 0;
      case LE -> a <= b ? 1 : 0;
      case GT -> a > b ? 1 : 0;
      case GE -> a >= b ? 1 : 0;
    };
  }

  @ParameterizedTest
  @EnumSource
  void binaryFollowsItsFormulaInEveryLayout(BinaryKind kind) {
    double[] a = {0.5, 2, 3, -1, 4, 8};
    double[] b = {2, 2, 0.5, 3, -2, 8};
    double[] expected = new double[6];
    Arrays.setAll(expected, i -> formula(kind, a[i], b[i]));
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      for (Layout layout : Layout.values()) {
        View left = layout.of(dtype, SHAPE, a);
        View right = Layout.REVERSED_AXES.of(dtype, SHAPE, b);
        View out = Layout.SLICED.view(kind.isComparison() ? DType.U8 : dtype, SHAPE);
        backend.binary(kind, left, right, out);
        double tolerance = dtype == DType.F32 ? 1e-6 : 0;
        assertArrayEquals(expected, values(out), tolerance, layout + " " + dtype);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void binaryReadsStrideZeroAndAcceptsNothing(BinaryKind kind) {
    View row = Layout.vector(DType.F64, 1, 2, 3).expand(SHAPE);
    View column = Layout.DENSE.of(DType.F64, Shape.of(2, 1), 2, 3).expand(SHAPE);
    View out = Layout.DENSE.view(kind.isComparison() ? DType.U8 : DType.F64, SHAPE);
    backend.binary(kind, row, column, out);
    double[] expected = new double[6];
    Arrays.setAll(expected, i -> formula(kind, 1 + i % 3, 2 + i / 3));
    assertArrayEquals(expected, values(out));

    View nothing = Layout.DENSE.view(DType.F64, Shape.of(0, 3));
    backend.binary(kind, nothing, nothing, Layout.DENSE.view(out.dtype(), Shape.of(0, 3)));
  }

  @Test
  void binaryWorksInPlaceOnEitherSideAndOnBoth() {
    View a = Layout.SLICED.of(DType.F64, SHAPE, ramp(6));
    View b = Layout.DENSE.of(DType.F64, SHAPE, 1, 2, 3, 4, 5, 6);
    backend.binary(BinaryKind.SUB, a, b, a);
    assertArrayEquals(new double[] {-0.75, -2.5, -2.25, -5, -3.75, -7.5}, values(a));
    backend.binary(BinaryKind.SUB, a, b, b);
    assertArrayEquals(new double[] {-1.75, -4.5, -5.25, -9, -8.75, -13.5}, values(b));
    backend.binary(BinaryKind.SUB, b, b, b);
    assertArrayEquals(new double[6], values(b));
  }

  @ParameterizedTest
  @CsvSource({"MAXIMUM", "MINIMUM", "ADD"})
  void nanWinsOnEitherSide(BinaryKind kind) {
    View a = Layout.vector(DType.F32, Double.NaN, 1);
    View b = Layout.vector(DType.F32, 1, Double.NaN);
    backend.binary(kind, a, b, a);
    assertArrayEquals(new double[] {Double.NaN, Double.NaN}, values(a));
  }

  @ParameterizedTest
  @CsvSource({"EQ, 0", "NE, 1", "LT, 0", "LE, 0", "GT, 0", "GE, 0"})
  void nanIsUnordered(BinaryKind kind, double expected) {
    View nan = Layout.vector(DType.F64, Double.NaN);
    View out = Layout.vector(DType.U8, 7);
    backend.binary(kind, nan, nan, out);
    assertEquals(expected, values(out)[0]);
  }

  @ParameterizedTest
  @CsvSource({"EQ, 0", "NE, 1", "LT, 1", "LE, 1", "GT, 0", "GE, 0"})
  void integersAreComparedExactly(BinaryKind kind, double expected) {
    View a = Layout.vector(DType.I64, 0);
    View b = Layout.vector(DType.I64, 0);
    buffer(a).setLong(0, 9007199254740992L);
    buffer(b).setLong(0, 9007199254740993L);
    View out = Layout.vector(DType.U8, 7);
    backend.binary(kind, a, b, out);
    assertEquals(expected, values(out)[0]);
    backend.binary(kind, Layout.vector(DType.I32, -5), Layout.vector(DType.I32, 3), out);
    assertEquals(expected, values(out)[0]);
  }

  @Test
  void affineRoundsItsConstantsFirst() {
    View x = Layout.SLICED.of(DType.F32, SHAPE, ramp(6));
    View out = Layout.REVERSED_AXES.view(DType.F32, SHAPE);
    backend.affine(0.1, 1.0 / 3, x, out);
    for (int i = 0; i < 6; i++) {
      assertEquals((float) ((double) 0.1f * ramp(6)[i] + (float) (1.0 / 3)), values(out)[i]);
    }
    View y = Layout.vector(DType.F64, 3);
    backend.affine(0.1, 0.2, y, y);
    assertEquals(0.1 * 3 + 0.2, values(y)[0]);
  }

  @Test
  void whereTakesNothingFromTheOtherBranch() {
    View condition = Layout.DENSE.of(DType.U8, Shape.of(1, 3), 0, 1, 255).expand(SHAPE);
    View a = Layout.REVERSED_AXES.of(DType.F32, SHAPE, Double.NaN, 2, 3, Double.NaN, 5, 6);
    View b = Layout.SLICED.of(DType.F32, SHAPE, -1, Double.NaN, -3, -4, -5, Double.NaN);
    double[] expected = {-1, 2, 3, -4, 5, 6};
    View out = Layout.SLICED.view(DType.F32, SHAPE);
    backend.where(condition, a, b, out);
    assertArrayEquals(expected, values(out));
    backend.where(condition, a, b, b);
    assertArrayEquals(expected, values(b));
  }

  @ParameterizedTest
  @EnumSource
  void fillSetsExactlyTheView(DType dtype) {
    View out = Layout.SLICED.view(dtype, SHAPE);
    double poison = buffer(out).get(0);
    backend.fill(out, 3);
    assertArrayEquals(new double[] {3, 3, 3, 3, 3, 3}, values(out));
    long untouched = 0;
    for (long i = 0; i < out.buffer().length(); i++) {
      untouched += Double.compare(buffer(out).get(i), poison) == 0 ? 1 : 0;
    }
    assertEquals(out.buffer().length() - 6, untouched);
    backend.fill(Layout.DENSE.view(dtype, Shape.of(3, 0)), 1);
  }

  @Test
  void fillRoundsToTheElementType() {
    View bytes = Layout.vector(DType.U8, 0);
    backend.fill(bytes, 300.7);
    assertEquals(255, values(bytes)[0]);
    View scalar = View.contiguous(new ReferenceBuffer(DType.F32, 1), 0, Shape.SCALAR);
    backend.fill(scalar, 0.1);
    assertEquals(0.1f, values(scalar)[0]);
  }

  @ParameterizedTest
  @EnumSource
  void copyConvertsBetweenAllTypes(DType from) {
    double[] values = {0, 1, 2, 100, 127, 200};
    for (DType to : DType.values()) {
      View out = Layout.SLICED.view(to, SHAPE);
      backend.copy(Layout.REVERSED_AXES.of(from, SHAPE, values), out);
      assertArrayEquals(values, values(out), from + " to " + to);
    }
  }

  @Test
  void copyKeepsLargeIntegers() {
    View in = Layout.vector(DType.I64, 0, 0);
    View out = Layout.SLICED.view(DType.I64, Shape.of(2));
    buffer(in).setLong(0, Long.MAX_VALUE - 1);
    buffer(in).setLong(1, Long.MIN_VALUE + 1);
    backend.copy(in, out);
    assertEquals(Long.MAX_VALUE - 1, buffer(out).getLong(Layout.address(out, 0)));
    assertEquals(Long.MIN_VALUE + 1, buffer(out).getLong(Layout.address(out, 1)));
  }

  @Test
  void copyReadsOverlappingWindows() {
    View windows =
        new View(
            Layout.vector(DType.F32, 1, 2, 3, 4).buffer(), 0, Shape.of(3, 2), new long[] {1, 1});
    View out = Layout.DENSE.view(DType.F32, Shape.of(3, 2));
    backend.copy(windows, out);
    assertArrayEquals(new double[] {1, 2, 2, 3, 3, 4}, values(out));
  }

  @Test
  void brokenPromisesAreNoticed() {
    View x = Layout.vector(DType.F32, 1, 2, 3, 4);
    View low = x.slice(new int[] {0}, new int[] {1}, Shape.of(3));
    View high = x.slice(new int[] {1}, new int[] {1}, Shape.of(3));
    View even = x.slice(new int[] {0}, new int[] {2}, Shape.of(2));
    View odd = x.slice(new int[] {1}, new int[] {2}, Shape.of(2));
    View wide = Layout.vector(DType.F64, 1, 2, 3);
    assertThrows(AssertionError.class, () -> backend.copy(low, high));
    assertThrows(AssertionError.class, () -> backend.affine(1, 0, low, wide));
    assertThrows(AssertionError.class, () -> backend.copy(low, x));
    assertThrows(
        AssertionError.class,
        () -> backend.fill(Layout.vector(DType.F32, 1).expand(Shape.of(2)), 0));
    backend.copy(even, odd);
    assertArrayEquals(new double[] {1, 1, 3, 3}, values(x));
  }
}
