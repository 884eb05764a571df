package talweg.cpu;

import java.util.Arrays;

/**
 * Visits the outer positions of a {@link Layout}, all but its innermost axes:
 *
 * <pre>{@code
 * for (Rows rows = new Rows(layout, 1); rows.next(); ) {
 *   ... layout.innerDim() elements of operand k from rows.at(k) on
 * }
 * }</pre>
 */
final class Rows {
  private final Layout layout;
  private final int axes;
  private final int[] position;
  private final int[] offsets;
  private final long count;
  private long left;

  /** Visits the positions outside of the {@code inner} innermost axes. */
  Rows(Layout layout, int inner) {
    this.layout = layout;
    this.axes = Math.max(0, layout.rank() - inner);
    this.position = new int[axes];
    this.offsets = new int[layout.operands()];
    long positions = 1;
    for (int axis = 0; axis < axes; axis++) {
      positions *= layout.dim(axis);
    }
    this.count = positions;
    reset();
  }

  /** Back to before the first position. */
  void reset() {
    left = count;
    Arrays.fill(position, 0);
    for (int k = 0; k < offsets.length; k++) {
      offsets[k] = layout.offset(k);
    }
  }

  /** Moves to the first or next position; false when there is none. */
  boolean next() {
    if (left == 0) {
      return false;
    }
    if (left-- < count) {
      step();
    }
    return true;
  }

  /** Where an operand's current row begins. */
  int at(int operand) {
    return offsets[operand];
  }

  private void step() {
    for (int axis = axes - 1; axis >= 0; axis--) {
      boolean carry = ++position[axis] == layout.dim(axis);
      int steps = carry ? 1 - layout.dim(axis) : 1;
      for (int k = 0; k < offsets.length; k++) {
        offsets[k] += steps * layout.stride(k, axis);
      }
      if (!carry) {
        return;
      }
      position[axis] = 0;
    }
  }
}
