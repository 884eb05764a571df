package talweg.cpu;

import java.util.Arrays;
import talweg.spi.View;

/**
 * Cuts elementwise work into runs that are dense in every operand, so that kernels only see dense
 * runs. Where all operands are dense there is one run, on the operands' own arrays. Otherwise the
 * work is done in blocks that fit the innermost cache: operands that are not dense are gathered
 * into scratch memory before a block, and the output is scattered from there after it. An instance
 * belongs to one thread, which uses it again and again.
 *
 * <pre>{@code
 * blocks.start(layout, 0, size, out, in);
 * while (blocks.next()) {
 *   ... blocks.length() elements: array(1) from offset(1) on -> array(0) from offset(0) on
 * }
 * }</pre>
 */
final class Blocks {
  /** Elements of a block. */
  static final int LENGTH = 1024;

  /** Most operands of an operation, the output included. */
  static final int OPERANDS = 4;

  private final Scratch scratch = new Scratch(OPERANDS);
  private final Object[] arrays = new Object[OPERANDS];
  private final int[] offsets = new int[OPERANDS];
  private final boolean[] packed = new boolean[OPERANDS];
  private final boolean[] constant = new boolean[OPERANDS];
  private View[] views;
  private Layout layout;
  private long first;
  private long end;
  private int step;
  private long start;
  private int length;

  /**
   * Begins with the elements {@code from..to} of {@code views[0]}, the output, and the operands.
   *
   * @param layout the views' joint layout, or null where all are contiguous
   */
  void start(Layout layout, long from, long to, View... views) {
    this.views = views;
    this.layout = layout;
    this.first = from;
    this.start = from;
    this.end = to;
    this.length = 0;
    boolean dense = true;
    for (int k = 0; k < views.length; k++) {
      packed[k] = layout != null && !layout.isDense(k);
      constant[k] = packed[k] && layout.isConstant(k);
      arrays[k] =
          packed[k] ? scratch.array(views[k].dtype(), k, LENGTH) : CpuBuffer.array(views[k]);
      offsets[k] = 0;
      dense &= !packed[k];
    }
    this.step = dense ? Integer.MAX_VALUE : LENGTH;
  }

  /** Finishes the current block and prepares the next; false when there is none. */
  boolean next() {
    if (length > 0 && packed[0]) {
      move(0, false);
    }
    start += length;
    length = (int) Math.min(step, end - start);
    if (length == 0) {
      release();
      return false;
    }
    for (int k = 0; k < views.length; k++) {
      if (!packed[k]) {
        offsets[k] = CpuBuffer.offset(views[k]) + (int) start;
      } else if (k > 0 && !(constant[k] && start > first)) {
        move(k, true);
      }
    }
    return true;
  }

  /** The array that holds an operand's part of the block. */
  Object array(int operand) {
    return arrays[operand];
  }

  /** Where an operand's part of the block begins. */
  int offset(int operand) {
    return offsets[operand];
  }

  /** Number of elements in the block. */
  int length() {
    return length;
  }

  /** Copies the block's elements of an operand into its scratch array, or back. */
  private void move(int operand, boolean in) {
    Object array = CpuBuffer.array(views[operand]);
    int stride = layout.innerStride(operand);
    int column = (int) (start % layout.innerDim());
    long row = start / layout.innerDim();
    for (int done = 0; done < length; row++) {
      int n = Math.min(layout.innerDim() - column, length - done);
      int at = layout.rowOffset(operand, row) + column * stride;
      if (in) {
        Moves.copy(views[operand].dtype(), array, at, stride, arrays[operand], done, 1, n);
      } else {
        Moves.copy(views[operand].dtype(), arrays[operand], done, 1, array, at, stride, n);
      }
      done += n;
      column = 0;
    }
  }

  /** Lets go of the operands, which would otherwise be held until the next use. */
  private void release() {
    Arrays.fill(arrays, null);
    views = null;
    layout = null;
  }
}
