package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.error.ShapeException;
import talweg.tensor.DType;
import talweg.tensor.Shape;

class IndexingTest {
  @ParameterizedTest
  @EnumSource(DType.class)
  void gather(DType dtype) {
    Twins twins = new Twins(dtype.ordinal());
    for (int round = 0; round < 30; round++) {
      Shape whole = shape(twins);
      int axis = twins.random.nextInt(whole.rank());
      Shape selected = whole.with(axis, twins.random.nextInt(9));
      Twin in = twins.special(dtype, whole, twins.form());
      Twin index = index(twins, selected, whole.dim(axis));
      Twin out = twins.normal(dtype, selected, twins.writable());
      twins.run((backend, v) -> backend.gather(axis, v[0], v[1], v[2]), in, index, out);
      twins.assertSame(out);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void scatterAdd(long seed) {
    Twins twins = new Twins(seed);
    for (DType dtype : List.of(DType.F32, DType.F64)) {
      for (int round = 0; round < 20; round++) {
        Shape whole = shape(twins);
        int axis = twins.random.nextInt(whole.rank());
        Shape selected = whole.with(axis, twins.random.nextInt(9));
        Twin in = twins.normal(dtype, selected, twins.form());
        Twin index = index(twins, selected, whole.dim(axis));
        Twin out = twins.normal(dtype, whole, twins.writable());
        twins.run((backend, v) -> backend.scatterAdd(axis, v[0], v[1], v[2]), in, index, out);
        // The order of additions is specified, so that there is one right result.
        twins.assertSame(out);
      }
    }
  }

  /** The layout of embeddings: the index repeats along all axes but one. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void wholeSlices(int axis) {
    Twins twins = new Twins(axis);
    Shape whole = Shape.of(6, 7, 8);
    Shape selected = whole.with(axis, 11);
    Shape line = Shape.of(1, 1, 1).with(axis, 11);
    Twin in = twins.normal(DType.F32, whole, Form.CONTIGUOUS);
    Twin narrow =
        twins.of(DType.I64, line, Form.CONTIGUOUS, () -> twins.random.nextInt(whole.dim(axis)));
    Twin index = new Twin(narrow.expected().expand(selected), narrow.actual().expand(selected));
    Twin out = twins.normal(DType.F32, selected, Form.CONTIGUOUS);
    twins.run((backend, v) -> backend.gather(axis, v[0], v[1], v[2]), in, index, out);
    twins.run((backend, v) -> backend.scatterAdd(axis, v[2], v[1], v[0]), in, index, out);
    twins.assertSame(out);
    twins.assertSame(in);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 7, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 32})
  void indexOutOfRangeIsReportedAsByTheReference(long bad) {
    Twins twins = new Twins(3);
    Twin whole = twins.normal(DType.F32, Shape.of(5, 7), Form.CONTIGUOUS);
    Twin index = twins.of(DType.I64, Shape.of(5, 4), Form.TRANSPOSED, () -> 3);
    Twin selected = twins.normal(DType.F32, Shape.of(5, 4), Form.TRANSPOSED);
    // Two of them: the first in row-major order is reported, although memory is in another order.
    for (int[] at : new int[][] {{4, 0}, {2, 3}}) {
      MemorySegment value = MemorySegment.ofArray(new long[] {bad});
      twins.run(
          (backend, v) -> backend.upload(value, v[0].slice(at, new int[] {1, 1}, Shape.of(1, 1))),
          index);
    }
    assertSameMessage(
        () -> twins.reference.gather(1, whole.expected(), index.expected(), selected.expected()),
        () -> twins.cpu.gather(1, whole.actual(), index.actual(), selected.actual()));
    assertSameMessage(
        () ->
            twins.reference.scatterAdd(1, selected.expected(), index.expected(), whole.expected()),
        () -> twins.cpu.scatterAdd(1, selected.actual(), index.actual(), whole.actual()));
  }

  private static void assertSameMessage(Executable expected, Executable actual) {
    String message = assertThrows(ShapeException.class, expected).getMessage();
    assertEquals(message, assertThrows(ShapeException.class, actual).getMessage());
  }

  @Test
  void emptySelections() {
    Twins twins = new Twins(1);
    Twin whole = twins.normal(DType.F32, Shape.of(0, 3), Form.CONTIGUOUS);
    Twin index = twins.normal(DType.I32, Shape.of(0, 3), Form.CONTIGUOUS);
    Twin out = twins.normal(DType.F32, Shape.of(0, 3), Form.CONTIGUOUS);
    twins.run((backend, v) -> backend.gather(0, v[0], v[1], v[2]), whole, index, out);
    twins.run((backend, v) -> backend.scatterAdd(0, v[2], v[1], v[0]), whole, index, out);
  }

  private static Shape shape(Twins twins) {
    return twins.shape(twins.random.nextInt(1, 5), 200);
  }

  private static Twin index(Twins twins, Shape shape, int extent) {
    DType dtype = twins.random.nextBoolean() ? DType.I32 : DType.I64;
    return twins.of(dtype, shape, twins.form(), () -> twins.random.nextInt(extent));
  }
}
