package talweg.cpu;

import talweg.spi.View;

/**
 * How several operands of one shape are walked together. Axes of extent 1 are left out, the others
 * are ordered by the first operand's strides, and neighbours that are dense among themselves in
 * every operand are merged; so the innermost axis is as long as the operands allow.
 */
final class Layout {
  private final int[] dims;
  private final int[] offsets;
  private final int[][] strides;
  private int rank;

  /** The joint layout of views of one shape. */
  static Layout of(View... views) {
    int[] offsets = new int[views.length];
    long[][] strides = new long[views.length][];
    for (int k = 0; k < views.length; k++) {
      offsets[k] = CpuBuffer.offset(views[k]);
      strides[k] = views[k].strides();
    }
    return new Layout(views[0].dims(), offsets, strides);
  }

  /**
   * The layout of operands that begin at {@code offsets[k]} and have strides {@code strides[k]}.
   */
  Layout(int[] dims, int[] offsets, long[]... strides) {
    this.dims = new int[Math.max(1, dims.length)];
    this.offsets = offsets;
    this.strides = new int[strides.length][this.dims.length];
    for (int axis : order(dims, strides[0])) {
      if (dims[axis] != 1) {
        append(dims[axis], axis, strides);
      }
    }
    if (rank == 0) {
      rank = 1;
      this.dims[0] = 1;
      for (int[] s : this.strides) {
        s[0] = 1;
      }
    }
  }

  /** The same layout with an axis moved next to the innermost one. */
  Layout inward(int axis) {
    int[] order = new int[rank];
    for (int i = 0, next = 0; i < rank; i++) {
      next += next == axis ? 1 : 0;
      order[i] = i == rank - 2 ? axis : i == rank - 1 ? rank - 1 : next++;
    }
    return new Layout(this, order);
  }

  private Layout(Layout from, int... order) {
    rank = from.rank;
    offsets = from.offsets;
    dims = new int[rank];
    strides = new int[offsets.length][rank];
    for (int i = 0; i < rank; i++) {
      dims[i] = from.dims[order[i]];
      for (int k = 0; k < strides.length; k++) {
        strides[k][i] = from.strides[k][order[i]];
      }
    }
  }

  int operands() {
    return offsets.length;
  }

  int rank() {
    return rank;
  }

  int dim(int axis) {
    return dims[axis];
  }

  int stride(int operand, int axis) {
    return strides[operand][axis];
  }

  int offset(int operand) {
    return offsets[operand];
  }

  /** Extent of the innermost axis. */
  int innerDim() {
    return dims[rank - 1];
  }

  /** Stride of an operand along the innermost axis. */
  int innerStride(int operand) {
    return strides[operand][rank - 1];
  }

  /** Where a row, a run along the innermost axis, begins. */
  int rowOffset(int operand, long row) {
    int offset = offsets[operand];
    long left = row;
    for (int axis = rank - 2; axis >= 0; axis--) {
      offset += (int) (left % dims[axis]) * strides[operand][axis];
      left /= dims[axis];
    }
    return offset;
  }

  /** Whether an operand's elements are adjacent in the order in which they are walked. */
  boolean isDense(int operand) {
    long expected = 1;
    for (int axis = rank - 1; axis >= 0; axis--) {
      if (strides[operand][axis] != expected) {
        return false;
      }
      expected *= dims[axis];
    }
    return true;
  }

  /** Whether an operand shows one element everywhere. */
  boolean isConstant(int operand) {
    for (int axis = 0; axis < rank; axis++) {
      if (strides[operand][axis] != 0) {
        return false;
      }
    }
    return true;
  }

  /** Axes by descending stride; equal ones stay in order. */
  private static int[] order(int[] dims, long[] strides) {
    int[] order = new int[dims.length];
    for (int axis = 0; axis < order.length; axis++) {
      int at = axis;
      while (at > 0 && strides[order[at - 1]] < strides[axis]) {
        order[at] = order[at - 1];
        at--;
      }
      order[at] = axis;
    }
    return order;
  }

  private void append(int dim, int axis, long[][] from) {
    if (rank == 0 || !isMergeable(dim, axis, from)) {
      dims[rank++] = dim;
    } else {
      dims[rank - 1] *= dim;
    }
    for (int k = 0; k < from.length; k++) {
      strides[k][rank - 1] = Math.toIntExact(from[k][axis]);
    }
  }

  private boolean isMergeable(int dim, int axis, long[][] from) {
    for (int k = 0; k < from.length; k++) {
      if (strides[k][rank - 1] != dim * from[k][axis]) {
        return false;
      }
    }
    return (long) dims[rank - 1] * dim <= Integer.MAX_VALUE;
  }
}
