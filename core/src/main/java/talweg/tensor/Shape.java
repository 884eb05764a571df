package talweg.tensor;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import talweg.error.ShapeException;

/**
 * The extents of a tensor along each axis, outermost first; the empty shape {@code []} is a scalar.
 *
 * <p>Axis numbers may be negative and then count from the end: -1 is the last axis.
 */
public final class Shape {
  /** The shape of a scalar. */
  public static final Shape SCALAR = new Shape(new int[0]);

  private final int[] dims;
  private final long size;

  private Shape(int[] dims) {
    this.dims = dims;
    long product = 1;
    for (int dim : dims) {
      if (dim < 0) {
        throw new ShapeException(
            "shape: extents must not be negative, got " + Arrays.toString(dims));
      }
      try {
        product = Math.multiplyExact(product, (long) dim);
      } catch (ArithmeticException e) {
        throw new ShapeException("shape: too many elements in " + Arrays.toString(dims), e);
      }
    }
    this.size = product;
  }

  /** A shape with the given extents. */
  public static Shape of(int... dims) {
    return dims.length == 0 ? SCALAR : new Shape(dims.clone());
  }

  /** Number of axes. */
  public int rank() {
    return dims.length;
  }

  /** Number of elements. */
  public long size() {
    return size;
  }

  /** Extent along {@code axis}, which may be negative. */
  public int dim(int axis) {
    return dims[axis(axis)];
  }

  /** A copy of the extents. */
  public int[] dims() {
    return dims.clone();
  }

  /** Normalises an axis number to {@code 0..rank-1}. */
  public int axis(int axis) {
    int normal = axis < 0 ? axis + dims.length : axis;
    if (normal < 0 || normal >= dims.length) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "axis %d is out of range for shape %s: expected %d..%d",
              axis,
              this,
              -dims.length,
              dims.length - 1));
    }
    return normal;
  }

  /** Normalises axis numbers, refusing repetitions; no axes at all means every axis. Sorted. */
  public int[] axes(int... axes) {
    if (axes.length == 0) {
      int[] all = new int[dims.length];
      Arrays.setAll(all, i -> i);
      return all;
    }
    int[] normal = Arrays.stream(axes).map(this::axis).sorted().toArray();
    for (int i = 1; i < normal.length; i++) {
      if (normal[i] == normal[i - 1]) {
        throw new ShapeException(
            "axes %s name one axis twice for shape %s".formatted(Arrays.toString(axes), this));
      }
    }
    return normal;
  }

  /** This shape with the extent along {@code axis} replaced. */
  public Shape with(int axis, int extent) {
    int[] next = dims.clone();
    next[axis(axis)] = extent;
    return new Shape(next);
  }

  /** The shape after a reduction over {@code axes}, which keep extent 1 or vanish. */
  public Shape reduced(int[] axes, boolean keepDim) {
    boolean[] gone = new boolean[dims.length];
    for (int axis : axes) {
      gone[axis] = true;
    }
    int[] next = new int[keepDim ? dims.length : dims.length - axes.length];
    for (int i = 0, j = 0; i < dims.length; i++) {
      if (!gone[i]) {
        next[j++] = dims[i];
      } else if (keepDim) {
        next[j++] = 1;
      }
    }
    return of(next);
  }

  /**
   * The common shape of two operands under broadcasting: shapes are aligned at their last axes, and
   * an extent of 1 (or a missing axis) stretches to the other's.
   *
   * @throws ShapeException if an axis differs and neither extent is 1
   */
  public static Shape broadcast(String operation, Shape a, Shape b) {
    if (a.equals(b)) {
      return a;
    }
    int rank = Math.max(a.rank(), b.rank());
    int[] dims = new int[rank];
    for (int i = 1; i <= rank; i++) {
      int x = i <= a.rank() ? a.dims[a.rank() - i] : 1;
      int y = i <= b.rank() ? b.dims[b.rank() - i] : 1;
      if (x != y && x != 1 && y != 1) {
        throw new ShapeException(
            String.format(
                Locale.ROOT,
                "%s: shapes do not broadcast: %s and %s differ at axis -%d (%d and %d); extents"
                    + " must be equal or 1",
                operation,
                a,
                b,
                i,
                x,
                y));
      }
      dims[rank - i] = x == 1 ? y : x;
    }
    return of(dims);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape that && Arrays.equals(dims, that.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  @Override
  public String toString() {
    return Arrays.stream(dims)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
