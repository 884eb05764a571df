package talweg.cuda;

import talweg.spi.View;

/**
 * How the rows of a matrix are shared out for sums over each of its columns, see {@code
 * common/columns.cuh}. One block for 32 columns takes all rows if they are few; else several take
 * some rows each and leave parts, which another kernel adds up.
 *
 * @param parts number of blocks that share the rows
 */
record ColumnSums(int rows, int columns, int rowsPerBlock, int parts) {
  static final int THREADS = 512;
  private static final int COLUMNS_PER_BLOCK = 32;
  private static final int FEW_ROWS = 512;
  private static final int MOST_PARTS = 256;

  static ColumnSums of(View matrix) {
    int rows = matrix.dims()[0];
    int parts = Math.clamp(Math.ceilDiv(rows, FEW_ROWS), 1, MOST_PARTS);
    int rowsPerBlock = Math.max(1, Math.ceilDiv(rows, parts));
    // Rounding up may leave the last blocks without rows.
    int needed = Math.max(1, Math.ceilDiv(rows, rowsPerBlock));
    return new ColumnSums(rows, matrix.dims()[1], rowsPerBlock, needed);
  }

  /** Number of blocks along the columns. */
  int blocks() {
    return Math.ceilDiv(columns, COLUMNS_PER_BLOCK);
  }

  /** Bytes of the parts of so many sums. */
  long bytes(int sums) {
    return parts == 1 ? 0 : (long) sums * parts * columns * Double.BYTES;
  }
}
