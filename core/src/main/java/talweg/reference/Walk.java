package talweg.reference;

import talweg.spi.View;

/**
 * Visits the elements of several views of one shape together, in row-major order:
 *
 * <pre>{@code
 * for (Walk walk = new Walk(in, out); walk.next(); ) {
 *   target.set(walk.at(1), f(source.get(walk.at(0))));
 * }
 * }</pre>
 */
final class Walk {
  private final int[] dims;
  private final long[][] strides;
  private final long[] offsets;
  private final int[] position;
  private long left;
  private boolean started;

  Walk(View... views) {
    this(views[0].dims(), offsets(views), strides(views));
  }

  /**
   * Visits positions within {@code dims}, with operand k at {@code offsets[k]} plus position times
   * strides[k].
   */
  Walk(int[] dims, long[] offsets, long[]... strides) {
    this.dims = dims;
    this.offsets = offsets.clone();
    this.strides = strides;
    this.position = new int[dims.length];
    this.left = 1;
    for (int dim : dims) {
      left *= dim;
    }
  }

  /** Moves to the first or next position; false when there is none. */
  boolean next() {
    if (left == 0) {
      return false;
    }
    left--;
    if (started) {
      advance();
    }
    started = true;
    return true;
  }

  /** Where the current element of an operand lies in its buffer. */
  long at(int operand) {
    return offsets[operand];
  }

  /** The current position; live, not to be modified. */
  int[] position() {
    return position;
  }

  private void advance() {
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      boolean carry = ++position[axis] == dims[axis];
      int steps = carry ? 1 - dims[axis] : 1;
      for (int k = 0; k < offsets.length; k++) {
        offsets[k] += steps * strides[k][axis];
      }
      if (!carry) {
        return;
      }
      position[axis] = 0;
    }
  }

  private static long[] offsets(View[] views) {
    long[] offsets = new long[views.length];
    for (int k = 0; k < views.length; k++) {
      offsets[k] = views[k].offset();
    }
    return offsets;
  }

  private static long[][] strides(View[] views) {
    long[][] strides = new long[views.length][];
    for (int k = 0; k < views.length; k++) {
      strides[k] = views[k].strides();
    }
    return strides;
  }
}
