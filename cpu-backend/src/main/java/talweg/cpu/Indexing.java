package talweg.cpu;

import java.util.Arrays;
import java.util.Locale;
import talweg.error.ShapeException;
import talweg.spi.View;
import talweg.tensor.DType;

/**
 * Gather and scatter-add: walks the index and the operand of its shape ("selected") beside the
 * lines of the operand that is indexed ("whole"). Where the index is constant along the innermost
 * axis, whole runs are moved.
 */
final class Indexing {
  private final String operation;
  private final int axis;
  private final View whole;
  private final View index;
  private final Layout layout;
  private final Object source;

  private Indexing(String operation, int axis, View whole, View index, View selected) {
    this.operation = operation;
    this.axis = axis;
    this.whole = whole;
    this.index = index;
    this.source = CpuBuffer.array(index);
    long[] lines = whole.strides().clone();
    lines[axis] = 0;
    int[] offsets = {CpuBuffer.offset(selected), CpuBuffer.offset(index), CpuBuffer.offset(whole)};
    this.layout = new Layout(selected.dims(), offsets, selected.strides(), index.strides(), lines);
  }

  static void gather(int axis, View in, View index, View out) {
    Indexing indexing = new Indexing("gather", axis, in, index, out);
    DType dtype = in.dtype();
    Object source = CpuBuffer.array(in);
    Object target = CpuBuffer.array(out);
    int inStride = indexing.layout.innerStride(2);
    int outStride = indexing.layout.innerStride(0);
    indexing.forEachRun((selected, at, n) ->
        Moves.copy(dtype, source, at, inStride, target, selected, outStride, n));
  }

  static void scatterAdd(Kernels<Object> kernels, int axis, View in, View index, View out) {
    Indexing indexing = new Indexing("scatteradd", axis, out, index, in);
    Object source = CpuBuffer.array(in);
    Object target = CpuBuffer.array(out);
    int inStride = indexing.layout.innerStride(0);
    int outStride = indexing.layout.innerStride(2);
    indexing.forEachRun(
        (selected, at, n) -> kernels.add(source, selected, inStride, target, at, outStride, n));
  }

  /**
   * Takes n elements from a place in the selected operand on, and the indexed place in the whole.
   */
  private interface Run {
    void accept(int selected, int whole, int n);
  }

  private void forEachRun(Run run) {
    int stride = Math.toIntExact(whole.strides()[axis]);
    boolean constant = layout.innerStride(1) == 0;
    int length = constant ? layout.innerDim() : 1;
    for (Rows rows = new Rows(layout, 1); rows.next(); ) {
      for (int i = 0; i < layout.innerDim(); i += length) {
        int place = place(rows.at(1) + i * layout.innerStride(1));
        int line = rows.at(2) + i * layout.innerStride(2);
        run.accept(rows.at(0) + i * layout.innerStride(0), line + place * stride, length);
      }
    }
  }

  private int place(int at) {
    long place = element(at);
    if (place < 0 || place >= whole.dims()[axis]) {
      throw outOfRange();
    }
    return (int) place;
  }

  private long element(int at) {
    return source instanceof int[] ints ? ints[at] : ((long[]) source)[at];
  }

  /** Names the first index out of range in row-major order, whatever the order of the walk. */
  private ShapeException outOfRange() {
    int extent = whole.dims()[axis];
    int[] position = new int[index.rank()];
    long place = element(elementOffset(position));
    while (place >= 0 && place < extent) {
      for (int i = position.length - 1; ++position[i] == index.dims()[i]; i--) {
        position[i] = 0;
      }
      place = element(elementOffset(position));
    }
    return new ShapeException(
        String.format(
            Locale.ROOT,
            "%s: index %d at position %s is out of range for axis %d of %s: expected 0 <= index <"
                + " %d",
            operation,
            place,
            Arrays.toString(position),
            axis,
            whole.shape(),
            extent));
  }

  private int elementOffset(int[] position) {
    long at = index.offset();
    for (int i = 0; i < position.length; i++) {
      at += position[i] * index.strides()[i];
    }
    return Math.toIntExact(at);
  }
}
