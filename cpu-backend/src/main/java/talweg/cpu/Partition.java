package talweg.cpu;

import java.util.Arrays;
import talweg.spi.View;
import talweg.tensor.Shape;

/**
 * Cuts views of one shape into parts along one axis. How many depends on the shape only, so that
 * work can be shared by any number of threads with one result.
 *
 * @param axis the axis that is cut
 * @param length extent of a part along it; the last may have less
 * @param parts number of parts
 */
record Partition(int axis, int length, int parts) {
  private static final int MOST_PARTS = 64;

  /** Shortest part of an axis that is dense in memory. */
  private static final int SHORTEST_ROW = 512;

  /**
   * The outermost of the axes with the most elements is cut, into parts of at least {@code grain}
   * elements, if it is long enough.
   */
  static Partition of(View view, int grain) {
    int axis = view.rank() == 0 ? -1 : 0;
    for (int i = 1; i < view.rank(); i++) {
      axis = view.dims()[i] > view.dims()[axis] ? i : axis;
    }
    return along(axis, view, grain);
  }

  /** Cuts an axis, if not -1, into parts of at least {@code grain} elements of the view. */
  static Partition along(int axis, View view, int grain) {
    if (axis < 0 || view.size() < 2L * grain) {
      return new Partition(0, Integer.MAX_VALUE, 1);
    }
    int extent = view.dims()[axis];
    int wanted = (int) Math.min(Math.min(MOST_PARTS, extent), view.size() / grain);
    int shortest = view.strides()[axis] == 1 ? SHORTEST_ROW : 1;
    int length = Math.max(shortest, (extent + wanted - 1) / wanted);
    return new Partition(axis, length, (extent + length - 1) / length);
  }

  /** One part of a view. */
  View part(View view, int part) {
    if (parts == 1) {
      return view;
    }
    int[] start = new int[view.rank()];
    int[] step = new int[view.rank()];
    Arrays.fill(step, 1);
    int[] dims = view.dims().clone();
    start[axis] = part * length;
    dims[axis] = Math.min(length, dims[axis] - start[axis]);
    return view.slice(start, step, Shape.of(dims));
  }
}
