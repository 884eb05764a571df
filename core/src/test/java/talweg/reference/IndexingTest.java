package talweg.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static talweg.reference.Layout.buffer;
import static talweg.reference.Layout.values;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.error.ShapeException;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

class IndexingTest {
  private static final double[] SOURCE = {1, 2, 3, 4, 5, 6};

  private final ReferenceBackend backend = new ReferenceBackend();

  @ParameterizedTest
  @EnumSource
  void gatherFollowsTheIndexInEveryTypeAndLayout(DType dtype) {
    for (Layout layout : Layout.values()) {
      View in = layout.of(dtype, Shape.of(3, 2), SOURCE);
      View rows = layout.of(DType.I32, Shape.of(4, 2), 2, 0, 0, 0, 1, 2, 2, 1);
      View out = Layout.SLICED.view(dtype, Shape.of(4, 2));
      backend.gather(0, in, rows, out);
      assertArrayEquals(new double[] {5, 2, 1, 2, 3, 6, 5, 4}, values(out), layout.name());

      View columns = layout.of(DType.I64, Shape.of(3, 3), 0, 0, 1, 1, 1, 1, 0, 1, 0);
      View wide = Layout.REVERSED_AXES.view(dtype, Shape.of(3, 3));
      backend.gather(1, in, columns, wide);
      assertArrayEquals(new double[] {1, 1, 2, 4, 4, 4, 5, 6, 5}, values(wide), layout.name());
    }
  }

  @Test
  void gatherKeepsLargeIntegers() {
    View in = Layout.vector(DType.I64, 0);
    buffer(in).setLong(0, Long.MAX_VALUE - 1);
    View out = Layout.DENSE.view(DType.I64, Shape.of(1));
    backend.gather(0, in, Layout.vector(DType.I32, 0), out);
    assertEquals(Long.MAX_VALUE - 1, buffer(out).getLong(0));
  }

  @Test
  void gatherTakesWholeRowsWithAnExpandedIndex() {
    View in = Layout.DENSE.of(DType.F32, Shape.of(3, 2), SOURCE);
    View index = Layout.DENSE.of(DType.I32, Shape.of(2, 1), 2, 0).expand(Shape.of(2, 2));
    View out = Layout.DENSE.view(DType.F32, Shape.of(2, 2));
    backend.gather(0, in, index, out);
    assertArrayEquals(new double[] {5, 6, 1, 2}, values(out));
  }

  @Test
  void otherAxesOfTheIndexMayBeShorter() {
    View in = Layout.DENSE.of(DType.F32, Shape.of(3, 2), SOURCE);
    View index = Layout.DENSE.of(DType.I32, Shape.of(1, 3), 1, 0, 1);
    View out = Layout.DENSE.view(DType.F32, Shape.of(1, 3));
    backend.gather(1, in, index, out);
    assertArrayEquals(new double[] {2, 1, 2}, values(out));
  }

  @Test
  void scatterAddAddsToWhatIsThere() {
    for (Layout layout : Layout.values()) {
      View in = layout.of(DType.F32, Shape.of(4, 2), 1, 2, 3, 4, 5, 6, 7, 8);
      View index = layout.of(DType.I64, Shape.of(4, 2), 2, 0, 0, 0, 0, 2, 2, 2);
      View out = Layout.SLICED.of(DType.F32, Shape.of(3, 2), 100, 0, 0, 200, 0, 0);
      backend.scatterAdd(0, in, index, out);
      assertArrayEquals(new double[] {108, 6, 0, 200, 8, 14}, values(out), layout.name());
    }
  }

  @Test
  void scatterAddAddsInAscendingOrder() {
    View index = Layout.vector(DType.I32, 0, 0, 0);
    View out = Layout.vector(DType.F32, 0);
    backend.scatterAdd(0, Layout.vector(DType.F32, 1, 16777216, -16777216), index, out);
    assertEquals(0, values(out)[0]);
    backend.scatterAdd(0, Layout.vector(DType.F32, 16777216, -16777216, 1), index, out);
    assertEquals(1, values(out)[0]);
  }

  @Test
  void anIndexOutOfRangeIsNamed() {
    View in = Layout.DENSE.of(DType.F32, Shape.of(3, 2), SOURCE);
    View out = Layout.DENSE.view(DType.F32, Shape.of(1, 2));
    View large = Layout.SLICED.of(DType.I64, Shape.of(1, 2), 0, 3);
    ShapeException e = assertThrows(ShapeException.class, () -> backend.gather(0, in, large, out));
    assertEquals(
        "gather: index 3 at position [0, 1] is out of range for axis 0 of [3, 2]: "
            + "expected 0 <= index < 3",
        e.getMessage());
    View negative = Layout.DENSE.of(DType.I32, Shape.of(1, 2), -1, 0);
    e = assertThrows(ShapeException.class, () -> backend.scatterAdd(0, out, negative, in));
    assertEquals(
        "scatteradd: index -1 at position [0, 0] is out of range for axis 0 of [3, 2]: "
            + "expected 0 <= index < 3",
        e.getMessage());
  }

  @Test
  void nothingToSelectIsFineButSelectingFromNothingIsNot() {
    View nothing = Layout.DENSE.view(DType.F32, Shape.of(0, 2));
    View noIndex = Layout.DENSE.view(DType.I32, Shape.of(0, 2));
    View one = Layout.DENSE.of(DType.F32, Shape.of(1, 2), 5, 6);
    backend.gather(0, one, noIndex, nothing);
    backend.scatterAdd(0, nothing, noIndex, one);
    assertArrayEquals(new double[] {5, 6}, values(one));
    View index = Layout.DENSE.of(DType.I32, Shape.of(1, 2), 0, 0);
    assertThrows(ShapeException.class, () -> backend.gather(0, nothing, index, one));
  }
}
