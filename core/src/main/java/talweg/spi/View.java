package talweg.spi;

import java.util.Arrays;
import java.util.Locale;
import talweg.op.Window2d;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/**
 * A strided window on a {@link Buffer}: element {@code (i, j, ...)} lies at {@code offset +
 * i*strides[0] + j*strides[1] + ...}. A stride of 0 repeats an element (broadcast). Views own
 * nothing and are immutable.
 *
 * <p>This is the only way in which data reaches a backend. The array accessors return the live
 * arrays, which callers must not modify; they are shared because kernels read them on every call.
 */
public final class View {
  private final Buffer buffer;
  private final long offset;
  private final Shape shape;
  private final int[] dims;
  private final long[] strides;
  private final boolean contiguous;

  public View(Buffer buffer, long offset, Shape shape, long[] strides) {
    this.buffer = buffer;
    this.offset = offset;
    this.shape = shape;
    this.dims = shape.dims();
    this.strides = strides;
    this.contiguous = isRowMajor(dims, strides);
    assert strides.length == dims.length : shape + " with " + Arrays.toString(strides);
    assert inBounds() : this;
  }

  /** A row-major view of the buffer's elements from {@code offset} on. */
  public static View contiguous(Buffer buffer, long offset, Shape shape) {
    return new View(buffer, offset, shape, rowMajorStrides(shape));
  }

  public Buffer buffer() {
    return buffer;
  }

  public DType dtype() {
    return buffer.dtype();
  }

  /** Position of the first element in the buffer, in elements. */
  public long offset() {
    return offset;
  }

  public Shape shape() {
    return shape;
  }

  public int rank() {
    return dims.length;
  }

  /** Number of elements seen through the view. */
  public long size() {
    return shape.size();
  }

  /** Extents; not to be modified. */
  public int[] dims() {
    return dims;
  }

  /** Distance between neighbours along each axis, in elements; not to be modified. */
  public long[] strides() {
    return strides;
  }

  /** Whether the elements lie densely in row-major order. */
  public boolean isContiguous() {
    return contiguous;
  }

  /** The view with its axes in the given order. */
  public View permute(int... axes) {
    int[] nextDims = new int[axes.length];
    long[] nextStrides = new long[axes.length];
    for (int i = 0; i < axes.length; i++) {
      nextDims[i] = dims[axes[i]];
      nextStrides[i] = strides[axes[i]];
    }
    return new View(buffer, offset, Shape.of(nextDims), nextStrides);
  }

  /** The view with its last two axes exchanged. */
  public View transpose() {
    int[] axes = new int[dims.length];
    Arrays.setAll(axes, i -> i);
    axes[dims.length - 1] = dims.length - 2;
    axes[dims.length - 2] = dims.length - 1;
    return permute(axes);
  }

  /**
   * The view stretched to {@code target}: axes of extent 1 and missing leading axes get stride 0.
   */
  public View expand(Shape target) {
    if (target.equals(shape)) {
      return this;
    }
    int lead = target.rank() - dims.length;
    long[] nextStrides = new long[target.rank()];
    for (int i = 0; i < dims.length; i++) {
      nextStrides[lead + i] = dims[i] == 1 ? 0 : strides[i];
      assert dims[i] == 1 || dims[i] == target.dim(lead + i) : this + " to " + target;
    }
    return new View(buffer, offset, target, nextStrides);
  }

  /**
   * Every {@code step[i]}-th element along axis i from {@code start[i]} on, {@code extents} of
   * them.
   */
  public View slice(int[] start, int[] step, Shape extents) {
    long nextOffset = offset;
    long[] nextStrides = new long[dims.length];
    for (int i = 0; i < dims.length; i++) {
      nextOffset += start[i] * strides[i];
      nextStrides[i] = strides[i] * step[i];
    }
    return new View(buffer, extents.size() == 0 ? offset : nextOffset, extents, nextStrides);
  }

  /**
   * All windows over the last two axes, see {@link Window2d#over}. Where windows overlap, elements
   * appear more than once.
   */
  public View windows(Window2d window) {
    int down = dims.length - 2;
    int across = dims.length - 1;
    long[] nextStrides = Arrays.copyOf(strides, dims.length + 2);
    nextStrides[down] = strides[down] * window.stride().height();
    nextStrides[across] = strides[across] * window.stride().width();
    nextStrides[dims.length] = strides[down] * window.dilation().height();
    nextStrides[dims.length + 1] = strides[across] * window.dilation().width();
    return new View(buffer, offset, window.over(shape), nextStrides);
  }

  /**
   * The same elements in row-major order under another shape, or null if that needs a copy. Runs of
   * axes that are dense among themselves can be regrouped, axes of extent 1 come and go freely.
   */
  public View reshape(Shape target) {
    assert target.size() == size() : this + " to " + target;
    if (contiguous) {
      return contiguous(buffer, offset, target);
    }
    int[] to = target.dims();
    long[] nextStrides = new long[to.length];
    int i = 0;
    int j = 0;
    while (i < dims.length || j < to.length) {
      // Take the smallest groups of old and new axes that cover the same number of elements.
      int oldStart = i;
      int newStart = j;
      long oldSize = i < dims.length ? dims[i++] : 1;
      long newSize = j < to.length ? to[j++] : 1;
      while (oldSize != newSize) {
        if (oldSize < newSize) {
          oldSize *= dims[i++];
        } else {
          newSize *= to[j++];
        }
      }
      if (!isDense(oldStart, i)) {
        return null;
      }
      long stride = innermostStride(oldStart, i);
      for (int k = j - 1; k >= newStart; k--) {
        nextStrides[k] = stride;
        stride *= to[k];
      }
    }
    return new View(buffer, offset, target, nextStrides);
  }

  /** Whether two views may touch a common element; conservative for interleaved strides. */
  public boolean mayOverlap(View other) {
    return buffer == other.buffer
        && size() > 0
        && other.size() > 0
        && offset <= other.lastIndex()
        && other.offset <= lastIndex();
  }

  /**
   * Whether no element appears twice, the condition for being written to. Exact for views made by
   * slicing and permuting; an overlapping window (as convolution patches are) is found.
   */
  public boolean isInjective() {
    if (contiguous) {
      return true;
    }
    Integer[] order = new Integer[dims.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (x, y) -> Long.compare(strides[x], strides[y]));
    long reach = 0;
    for (int axis : order) {
      if (dims[axis] > 1) {
        if (strides[axis] <= reach) {
          return false;
        }
        reach += (dims[axis] - 1) * strides[axis];
      }
    }
    return true;
  }

  /** Strides of a dense row-major layout. */
  public static long[] rowMajorStrides(Shape shape) {
    long[] strides = new long[shape.rank()];
    long stride = 1;
    for (int i = strides.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= shape.dim(i);
    }
    return strides;
  }

  private static boolean isRowMajor(int[] dims, long[] strides) {
    long expected = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      if (dims[i] == 0) {
        return true;
      }
      if (dims[i] != 1 && strides[i] != expected) {
        return false;
      }
      expected *= dims[i];
    }
    return true;
  }

  private boolean isDense(int from, int to) {
    long expected = -1;
    for (int k = to - 1; k >= from; k--) {
      if (dims[k] == 1) {
        continue;
      }
      if (expected >= 0 && strides[k] != expected) {
        return false;
      }
      expected = strides[k] * dims[k];
    }
    return true;
  }

  private long innermostStride(int from, int to) {
    for (int k = to - 1; k >= from; k--) {
      if (dims[k] != 1) {
        return strides[k];
      }
    }
    return 1;
  }

  private long lastIndex() {
    long last = offset;
    for (int i = 0; i < dims.length; i++) {
      last += Math.max(0, dims[i] - 1) * strides[i];
    }
    return last;
  }

  private boolean inBounds() {
    return size() == 0 || (offset >= 0 && lastIndex() < buffer.length());
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "View[%s %s, offset %d, strides %s]",
        dtype(),
        shape,
        offset,
        Arrays.toString(strides));
  }
}
