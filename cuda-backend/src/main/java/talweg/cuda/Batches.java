package talweg.cuda;

import talweg.spi.View;

/**
 * The leading axes of a product's views [..., rows, columns], merged where all of them allow it.
 * The last merged axis goes to the provider at once; the others, if any, are walked over.
 */
final class Batches {
  private static final int OPERANDS = 3;

  private final int[] extents;
  private final long[][] strides;
  private int axes;
  private final long outer;

  Batches(View a, View b, View out) {
    View[] views = {a, b, out};
    int lead = out.rank() - 2;
    extents = new int[lead + 1];
    strides = new long[OPERANDS][lead + 1];
    for (int axis = 0; axis < lead; axis++) {
      if (out.dims()[axis] > 1) {
        append(out.dims()[axis], views, axis);
      }
    }
    if (axes == 0) {
      extents[axes++] = 1;
    }
    long count = 1;
    for (int i = 0; i < axes - 1; i++) {
      count *= extents[i];
    }
    outer = count;
  }

  private void append(int extent, View[] views, int axis) {
    boolean merges = axes > 0;
    for (int v = 0; v < OPERANDS && merges; v++) {
      merges = strides[v][axes - 1] == extent * views[v].strides()[axis];
    }
    int to = merges ? axes - 1 : axes++;
    extents[to] = merges ? extents[to] * extent : extent;
    for (int v = 0; v < OPERANDS; v++) {
      strides[v][to] = views[v].strides()[axis];
    }
  }

  /** Matrices that one call takes. */
  int count() {
    return extents[axes - 1];
  }

  /**
   * Elements between matrices of one call.
   *
   * @param operand 0 for a, 1 for b, 2 for out
   */
  long step(int operand) {
    return count() == 1 ? 0 : strides[operand][axes - 1];
  }

  /** How many calls it takes. */
  long calls() {
    return outer;
  }

  /** Offset of a call's first matrix, in elements. */
  long offset(long call, int operand) {
    long offset = 0;
    long rest = call;
    for (int i = axes - 2; i >= 0; i--) {
      offset += rest % extents[i] * strides[operand][i];
      rest /= extents[i];
    }
    return offset;
  }
}
