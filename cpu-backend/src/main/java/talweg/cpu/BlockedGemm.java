package talweg.cpu;

import talweg.tensor.DType;

/**
 * Matrix product in plain Java, cut into blocks for the caches. A panel of b is copied into dense
 * rows, which stay in the second-level cache while all rows of a pass over it, two at a time; the
 * sums of these two rows stay in the first-level cache. The copies take any strides, so that no
 * operand needs to be transposed beforehand.
 *
 * <p>Blocks depend on the shape only, and so does the order of additions.
 */
final class BlockedGemm implements Gemm {
  private static final int PANEL_ROWS = 256;
  private static final int PANEL_COLUMNS = 512;

  /** Rows of a panel that {@link GemmLoops#update} takes at once. */
  private static final int DEPTH = 4;

  /** Loops over fewer columns than this are too short. */
  private static final int NARROW = 64;

  private final DType dtype;
  private final GemmLoops<Object> loops;
  private final Object zeros;
  private final Object[] panel = new Object[PANEL_ROWS];
  private final Object a0;
  private final Object a1;
  private final Object c0;
  private final Object c1;

  BlockedGemm(DType dtype, GemmLoops<Object> loops) {
    this.dtype = dtype;
    this.loops = loops;
    this.zeros = CpuBuffer.newArray(dtype, Math.max(PANEL_ROWS, PANEL_COLUMNS));
    this.a0 = CpuBuffer.newArray(dtype, PANEL_ROWS);
    this.a1 = CpuBuffer.newArray(dtype, PANEL_ROWS);
    this.c0 = CpuBuffer.newArray(dtype, PANEL_COLUMNS);
    this.c1 = CpuBuffer.newArray(dtype, PANEL_COLUMNS);
  }

  @Override
  public void multiply(double alpha, Matrix a, Matrix b, double beta, Matrix c) {
    if (c.columns() < NARROW && c.columns() < c.rows()) {
      multiply(alpha, b.transpose(), a.transpose(), beta, c.transpose());
      return;
    }
    if (beta != 1) {
      for (int i = 0; i < c.rows(); i++) {
        loops.scale(beta, c.array(), c.at(i, 0), c.columnStride(), c.columns());
      }
    }
    for (int column = 0; column < c.columns(); column += PANEL_COLUMNS) {
      int columns = Math.min(PANEL_COLUMNS, c.columns() - column);
      for (int row = 0; row < b.rows(); row += PANEL_ROWS) {
        int rows = Math.min(PANEL_ROWS, b.rows() - row);
        loadPanel(b, row, column, rows, columns);
        multiplyPanel(alpha, a, row, rows, c, column, columns);
      }
    }
  }

  /** Copies a panel of b, with rows of zeros up to a multiple of {@link #DEPTH}. */
  private void loadPanel(Matrix b, int row, int column, int rows, int columns) {
    for (int k = 0; k < padded(rows); k++) {
      if (panel[k] == null) {
        panel[k] = CpuBuffer.newArray(dtype, PANEL_COLUMNS);
      }
      System.arraycopy(zeros, 0, panel[k], 0, k < rows ? 0 : columns);
    }
    int tile = b.columnStride() == 1 ? columns : Moves.TILE;
    for (int j = 0; j < columns; j += tile) {
      int n = Math.min(tile, columns - j);
      for (int k = 0; k < rows; k++) {
        load(b, row + k, column + j, panel[k], j, n);
      }
    }
  }

  /** Adds the product of a's columns from {@code inner} on and the panel to c. */
  private void multiplyPanel(
      double alpha, Matrix a, int inner, int rows, Matrix c, int column, int columns) {
    for (int i = 0; i < c.rows(); i += 2) {
      boolean pair = i + 1 < c.rows();
      loadFactors(a, i, inner, a0, rows);
      loadFactors(a, pair ? i + 1 : i, inner, a1, rows);
      System.arraycopy(zeros, 0, c0, 0, columns);
      System.arraycopy(zeros, 0, c1, 0, columns);
      for (int k = 0; k < rows; k += DEPTH) {
        loops.update(
            c0, c1, a0, a1, k, panel[k], panel[k + 1], panel[k + 2], panel[k + 3], columns);
      }
      loops.addScaled(alpha, c0, c.array(), c.at(i, column), c.columnStride(), columns);
      if (pair) {
        loops.addScaled(alpha, c1, c.array(), c.at(i + 1, column), c.columnStride(), columns);
      }
    }
  }

  private void loadFactors(Matrix a, int i, int inner, Object target, int n) {
    load(a, i, inner, target, 0, n);
    System.arraycopy(zeros, 0, target, n, padded(n) - n);
  }

  private void load(Matrix x, int i, int j, Object target, int to, int n) {
    Moves.copy(dtype, x.array(), x.at(i, j), x.columnStride(), target, to, 1, n);
  }

  private static int padded(int rows) {
    return (rows + DEPTH - 1) / DEPTH * DEPTH;
  }
}
