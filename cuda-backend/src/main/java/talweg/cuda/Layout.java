package talweg.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import talweg.spi.View;

/**
 * The extents that several operands share and their strides, as kernels take them ({@code
 * common/layout.cuh}): axes of extent 1 left out, the others ordered by the strides of the first
 * operand and merged where all operands allow it. What a kernel cannot take at once, more than
 * {@value #MAX_RANK} axes or 2^31 elements, is split into several launches:
 *
 * <pre>{@code
 * layout.of(out, in);
 * while (layout.next()) {
 *   ... .pointer(layout.address(1)).pointer(layout.address(0)).layout(layout.segment()).run();
 * }
 * }</pre>
 *
 * <p>One object serves all calls of a family, without allocation.
 */
final class Layout {
  static final int MAX_RANK = 6;
  static final int MAX_OPERANDS = 4;

  private static final long EXTENTS = 8;
  private static final long MULTIPLIERS = EXTENTS + 4 * MAX_RANK;
  private static final long SHIFTS = MULTIPLIERS + 4 * MAX_RANK;
  private static final long STRIDES = SHIFTS + 4 * MAX_RANK;
  private static final long BYTES = STRIDES + 8 * MAX_OPERANDS * MAX_RANK;

  private final MemorySegment segment = Arena.ofAuto().allocate(BYTES, 8);
  private final long largestExtent;
  private final View[] views = new View[MAX_OPERANDS];
  private int operands;

  /** Axes, innermost first; each has MAX_OPERANDS strides. */
  private int rank;

  private long[] extents = new long[2 * MAX_RANK];
  private long[] strides = new long[2 * MAX_RANK * MAX_OPERANDS];

  /** Those that the kernel gets; the others are gone through here. */
  private int inner;

  private long[] position = new long[2 * MAX_RANK];
  private long launchSize;
  private boolean dense;
  private boolean started;

  /**
   * @param largestExtent to which axes are merged: 2^31 - 1, or more if the kernel counts in 64
   *     bits along a single axis
   */
  Layout(long largestExtent) {
    this.largestExtent = largestExtent;
  }

  Layout() {
    this(Integer.MAX_VALUE);
  }

  /** All axes of views of one shape. */
  Layout of(View... operands) {
    begin(operands);
    boolean contiguous = true;
    for (View view : operands) {
      contiguous &= view.isContiguous();
    }
    if (contiguous) {
      // As nearly always; the size may be beyond what one axis can have.
      dense = true;
      launchSize = operands[0].size();
      return this;
    }
    for (int axis = 0; axis < operands[0].rank(); axis++) {
      axis(operands[0].dims()[axis], axis);
    }
    return end();
  }

  /** Starts a layout of these operands; its axes come with the next calls, then {@link #end}. */
  void begin(View... operands) {
    this.operands = operands.length;
    System.arraycopy(operands, 0, views, 0, operands.length);
    rank = 0;
    dense = false;
    started = false;
  }

  /** Adds an axis that has this number in every operand. */
  void axis(int extent, int number) {
    if (extent != 1) {
      add(extent, number);
    }
  }

  /** Sets the last operand's stride to 0 along an axis: it has its place there by an index. */
  void axisWithoutLast(int extent, int number) {
    if (extent != 1) {
      strides[add(extent, number) * MAX_OPERANDS + operands - 1] = 0;
    }
  }

  private int add(int extent, int number) {
    int at = insert(extent, views[0].strides()[number]);
    for (int k = 0; k < operands; k++) {
      strides[at * MAX_OPERANDS + k] = views[k].strides()[number];
    }
    return at;
  }

  /** Makes room for an axis before those with larger strides of the first operand. */
  private int insert(int extent, long stride) {
    if (rank == extents.length) {
      extents = Arrays.copyOf(extents, 2 * rank);
      position = Arrays.copyOf(position, 2 * rank);
      strides = Arrays.copyOf(strides, 2 * rank * MAX_OPERANDS);
    }
    int at = rank;
    while (at > 0 && strides[(at - 1) * MAX_OPERANDS] >= stride) {
      extents[at] = extents[at - 1];
      System.arraycopy(strides, (at - 1) * MAX_OPERANDS, strides, at * MAX_OPERANDS, MAX_OPERANDS);
      at--;
    }
    rank++;
    extents[at] = extent;
    return at;
  }

  /** Merges the axes and writes what the kernel gets. */
  Layout end() {
    int last = 0;
    for (int axis = 1; axis < rank; axis++) {
      if (continues(last, axis) && extents[last] <= largestExtent / Math.max(extents[axis], 1)) {
        extents[last] *= extents[axis];
      } else {
        last++;
        extents[last] = extents[axis];
        System.arraycopy(strides, axis * MAX_OPERANDS, strides, last * MAX_OPERANDS, MAX_OPERANDS);
      }
    }
    rank = Math.min(rank, last + 1);
    inner = 0;
    launchSize = 1;
    while (inner < rank
        && inner < MAX_RANK
        && (inner == 0 || launchSize * extents[inner] <= Integer.MAX_VALUE)) {
      launchSize *= extents[inner++];
    }
    dense = rank == 0 || (rank == 1 && isUnit(0));
    write();
    return this;
  }

  /** Whether, in all operands, a step along the outer axis follows the end of the inner one. */
  private boolean continues(int innerAxis, int outerAxis) {
    boolean merges = true;
    for (int k = 0; k < operands; k++) {
      merges &=
          strides[outerAxis * MAX_OPERANDS + k]
              == strides[innerAxis * MAX_OPERANDS + k] * extents[innerAxis];
    }
    return merges;
  }

  private boolean isUnit(int axis) {
    boolean unit = true;
    for (int k = 0; k < operands; k++) {
      unit &= strides[axis * MAX_OPERANDS + k] == 1;
    }
    return unit;
  }

  private void write() {
    segment.set(ValueLayout.JAVA_INT, 0, inner);
    segment.set(ValueLayout.JAVA_INT, 4, (int) launchSize);
    for (int axis = 0; axis < inner; axis++) {
      long extent = extents[axis];
      // The outermost place is what is left: a quotient of 0.
      int shift = axis + 1 < inner ? 64 - Long.numberOfLeadingZeros(extent - 1) : 31;
      long multiplier =
          axis + 1 < inner ? (((1L << shift) - extent) << 32) / Math.max(extent, 1) + 1 : 0;
      segment.set(ValueLayout.JAVA_INT, EXTENTS + 4L * axis, (int) extent);
      segment.set(ValueLayout.JAVA_INT, MULTIPLIERS + 4L * axis, (int) multiplier);
      segment.set(ValueLayout.JAVA_INT, SHIFTS + 4L * axis, shift);
      for (int k = 0; k < operands; k++) {
        segment.set(
            ValueLayout.JAVA_LONG,
            STRIDES + 8L * (k * MAX_RANK + axis),
            strides[axis * MAX_OPERANDS + k]);
      }
    }
  }

  /**
   * Whether all operands lie densely and in the same order, so that a kernel without index
   * arithmetic will do. Then there is one launch, and no structure to pass.
   */
  boolean isDense() {
    return dense;
  }

  /** Whether one launch does it all. */
  boolean isWhole() {
    return dense || inner == rank;
  }

  /** Elements of one launch. */
  long size() {
    return launchSize;
  }

  /** Distance between neighbours along the innermost axis; 0 if there is no axis. */
  long innermostStride(int operand) {
    return rank == 0 ? 0 : strides[operand];
  }

  /** Goes to the next launch, the first one at first; false when all were done. */
  boolean next() {
    if (!started) {
      started = true;
      Arrays.fill(position, 0);
      return true;
    }
    for (int axis = inner; axis < rank; axis++) {
      if (++position[axis] < extents[axis]) {
        return true;
      }
      position[axis] = 0;
    }
    return false;
  }

  /** Where an operand begins in this launch. */
  long address(int operand) {
    long elements = 0;
    for (int axis = inner; axis < rank; axis++) {
      elements += position[axis] * strides[axis * MAX_OPERANDS + operand];
    }
    View view = views[operand];
    return DeviceBuffer.address(view) + elements * view.dtype().bytes();
  }

  /** What the kernel gets. */
  MemorySegment segment() {
    return segment;
  }
}
