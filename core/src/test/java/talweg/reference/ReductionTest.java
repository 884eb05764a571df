package talweg.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static talweg.reference.Layout.ramp;
import static talweg.reference.Layout.values;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.op.ReduceKind;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

class ReductionTest {
  private static final Shape SHAPE = Shape.of(2, 3, 4);

  private final ReferenceBackend backend = new ReferenceBackend();

  private static double formula(ReduceKind kind, double... x) {
    int largest = 0;
    int smallest = 0;
    for (int i = 1; i < x.length; i++) {
      largest = x[i] > x[largest] ? i : largest;
      smallest = x[i] < x[smallest] ? i : smallest;
    }
    return switch (kind) {
      case SUM -> Arrays.stream(x).sum();
      case MEAN -> Arrays.stream(x).sum() / x.length;
      case MAX -> x[largest];
      case MIN -> x[smallest];
      case ARGMAX -> largest;
      case ARGMIN -> smallest;
    };
  }

  @ParameterizedTest
  @EnumSource
  void reducesTheMiddleAxisInEveryLayout(ReduceKind kind) {
    double[] x = ramp(24);
    double[] expected = new double[8];
    for (int i = 0; i < 8; i++) {
      int first = i / 4 * 12 + i % 4;
      expected[i] = formula(kind, x[first], x[first + 4], x[first + 8]);
    }
    for (Layout layout : Layout.values()) {
      View out = Layout.SLICED.view(kind.isIndex() ? DType.I32 : DType.F32, Shape.of(2, 1, 4));
      backend.reduce(kind, 1, layout.of(DType.F32, SHAPE, x), out);
      assertArrayEquals(expected, values(out), layout.name());
    }
  }

  @ParameterizedTest
  @CsvSource({"SUM", "MEAN", "MAX", "MIN"})
  void reducesOuterAxesAndEverything(ReduceKind kind) {
    double[] x = ramp(24);
    View in = Layout.REVERSED_AXES.of(DType.F64, SHAPE, x);
    View outer = Layout.DENSE.view(DType.F64, Shape.of(1, 3, 1));
    backend.reduce(kind, -1, in, outer);
    for (int j = 0; j < 3; j++) {
      double[] window = new double[8];
      for (int i = 0; i < 8; i++) {
        window[i] = x[i / 4 * 12 + j * 4 + i % 4];
      }
      assertEquals(formula(kind, window), values(outer)[j]);
    }
    View all = Layout.DENSE.view(DType.F64, Shape.of(1, 1, 1));
    backend.reduce(kind, -1, in, all);
    assertEquals(formula(kind, x), values(all)[0]);
  }

  @ParameterizedTest
  @EnumSource
  void readsStrideZero(ReduceKind kind) {
    View in = Layout.vector(DType.F64, 1, 4, 2).expand(Shape.of(5, 3));
    View rows = Layout.DENSE.view(kind.isIndex() ? DType.I32 : DType.F64, Shape.of(5, 1));
    View columns = Layout.DENSE.view(kind.isIndex() ? DType.I32 : DType.F64, Shape.of(1, 3));
    backend.reduce(kind, 1, in, rows);
    backend.reduce(kind, 0, in, columns);
    assertEquals(formula(kind, 1, 4, 2), values(rows)[4]);
    assertEquals(formula(kind, 4, 4, 4, 4, 4), values(columns)[1]);
  }

  @ParameterizedTest
  @CsvSource({"SUM, NaN", "MEAN, NaN", "MAX, NaN", "MIN, NaN", "ARGMAX, 1", "ARGMIN, 1"})
  void nanWinsAndTheFirstCounts(ReduceKind kind, double expected) {
    View in = Layout.vector(DType.F32, 5, Double.NaN, 9, Double.NaN, -1);
    View out = Layout.DENSE.view(kind.isIndex() ? DType.I32 : DType.F32, Shape.of(1));
    backend.reduce(kind, 0, in, out);
    assertEquals(expected, values(out)[0]);
  }

  @ParameterizedTest
  @CsvSource({"ARGMAX, 1", "ARGMIN, 0"})
  void theFirstOfEqualElementsCounts(ReduceKind kind, double expected) {
    View out = Layout.DENSE.view(DType.I32, Shape.of(1));
    backend.reduce(kind, 0, Layout.vector(DType.F32, 2, 7, 7, 2), out);
    assertEquals(expected, values(out)[0]);
  }

  @ParameterizedTest
  @CsvSource({"MAX, -Infinity", "MIN, Infinity"})
  void infinitiesAreElementsLikeOthers(ReduceKind kind, double x) {
    View out = Layout.DENSE.view(DType.F32, Shape.of(1));
    backend.reduce(kind, 0, Layout.vector(DType.F32, x, x), out);
    assertEquals(x, values(out)[0]);
  }

  @Test
  void emptySumsAreZeroTheirMeansNanAndEmptyOutputsStayEmpty() {
    View in = Layout.DENSE.view(DType.F32, Shape.of(2, 0));
    View out = Layout.DENSE.view(DType.F32, Shape.of(2, 1));
    backend.reduce(ReduceKind.SUM, 1, in, out);
    assertArrayEquals(new double[] {0, 0}, values(out));
    backend.reduce(ReduceKind.MEAN, 1, in, out);
    assertArrayEquals(new double[] {Double.NaN, Double.NaN}, values(out));
    backend.reduce(ReduceKind.SUM, 0, in, Layout.DENSE.view(DType.F32, Shape.of(1, 0)));
    assertThrows(AssertionError.class, () -> backend.reduce(ReduceKind.MAX, 1, in, out));
  }

  @Test
  void sumsAreBetterThanDouble() {
    View out = Layout.DENSE.view(DType.F64, Shape.of(1));
    backend.reduce(ReduceKind.SUM, 0, Layout.vector(DType.F64, 1, 1e100, 1, -1e100), out);
    assertEquals(2, values(out)[0]);
    double[] tenths = new double[1000];
    Arrays.fill(tenths, 0.1);
    backend.reduce(ReduceKind.SUM, 0, Layout.vector(DType.F64, tenths), out);
    assertEquals(100, values(out)[0], 1e-14);
  }

  @ParameterizedTest
  @CsvSource({"Infinity, 1, Infinity", "Infinity, -Infinity, NaN", "1e308, 1e308, Infinity"})
  void sumsOverflowAsUsual(double a, double b, double expected) {
    View out = Layout.DENSE.view(DType.F64, Shape.of(1));
    backend.reduce(ReduceKind.SUM, 0, Layout.vector(DType.F64, a, b), out);
    assertEquals(expected, values(out)[0]);
  }
}
