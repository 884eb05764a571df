package talweg.cpu;

import talweg.spi.View;

/**
 * Copies between views of one shape and element type: row by row, or in tiles where one is
 * transposed.
 */
final class StridedCopy {
  private StridedCopy() {}

  /** Copies, large views in parts along their largest axis. */
  static void run(Workers workers, View in, View out) {
    Partition partition = Partition.of(out, Elementwise.CHUNK);
    if (partition.parts() == 1 || workers.count() == 1) {
      run(in, out);
    } else {
      workers.run(
          partition.parts(), (part, _) -> run(partition.part(in, part), partition.part(out, part)));
    }
  }

  private static void run(View in, View out) {
    Layout layout = Layout.of(out, in);
    int axis = adjacentAxis(layout);
    if (axis == layout.rank() - 1) {
      copyRows(in, out, layout);
    } else {
      copyTiles(in, out, layout.inward(axis));
    }
  }

  /** The axis along which the source's elements are nearest to each other. */
  private static int adjacentAxis(Layout layout) {
    int nearest = layout.rank() - 1;
    for (int axis = 0; axis < layout.rank(); axis++) {
      int stride = layout.stride(1, axis);
      if (stride > 0 && stride < layout.stride(1, nearest)) {
        nearest = axis;
      }
    }
    return nearest;
  }

  private static void copyRows(View in, View out, Layout layout) {
    for (Rows rows = new Rows(layout, 1); rows.next(); ) {
      copyRun(in, out, layout, rows.at(1), rows.at(0), layout.innerDim());
    }
  }

  /**
   * The source is dense along the second innermost axis: a tile's cache lines are used up before
   * they are dropped.
   */
  private static void copyTiles(View in, View out, Layout layout) {
    int axis = layout.rank() - 2;
    int rows = layout.dim(axis);
    int columns = layout.innerDim();
    for (Rows planes = new Rows(layout, 2); planes.next(); ) {
      for (int i = 0; i < rows; i += Moves.TILE) {
        int end = Math.min(i + Moves.TILE, rows);
        for (int j = 0; j < columns; j += Moves.TILE) {
          int n = Math.min(Moves.TILE, columns - j);
          for (int row = i; row < end; row++) {
            int from = planes.at(1) + row * layout.stride(1, axis) + j * layout.innerStride(1);
            int to = planes.at(0) + row * layout.stride(0, axis) + j * layout.innerStride(0);
            copyRun(in, out, layout, from, to, n);
          }
        }
      }
    }
  }

  private static void copyRun(View in, View out, Layout layout, int from, int to, int n) {
    Object source = CpuBuffer.array(in);
    Object target = CpuBuffer.array(out);
    int fromStride = layout.innerStride(1);
    Moves.copy(out.dtype(), source, from, fromStride, target, to, layout.innerStride(0), n);
  }
}
