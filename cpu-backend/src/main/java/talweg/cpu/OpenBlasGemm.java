package talweg.cpu;

import talweg.tensor.DType;

/**
 * Matrix products on {@link OpenBlas}, shared out over the workers by cutting the result into
 * blocks. The cut depends on the shape only, and each block is one single-threaded call: so the
 * bits do not depend on the number of workers.
 */
final class OpenBlasGemm implements Gemm {
  /** Multiply-adds that are worth a block of their own: some ten microseconds. */
  private static final long LEAST_WORK = 1L << 20;

  /** Multiply-adds of a block where there are more than {@link #FEW_BLOCKS}. */
  private static final long BLOCK_WORK = 16L << 20;

  /**
   * Each block packs the operand that the blocks share anew: so no more than it takes to balance.
   */
  private static final int FEW_BLOCKS = 4;

  private static final int MOST_BLOCKS = 8;

  /** Blocks are so wide, or a multiple of it: a whole number of the library's own tiles. */
  private static final int GRAIN = 16;

  private final OpenBlas blas;
  private final Gemm fallback;
  private final DType dtype;
  private final Workers workers;
  private final Scratch scratch = new Scratch(2);

  /**
   * Products of one element type.
   *
   * @param fallback for results that are not dense along their rows or columns
   * @param workers who share the products, or null: then the calling thread does each in one piece
   */
  OpenBlasGemm(OpenBlas blas, Gemm fallback, DType dtype, Workers workers) {
    this.blas = blas;
    this.fallback = fallback;
    this.dtype = dtype;
    this.workers = workers;
  }

  @Override
  public void multiply(double alpha, Matrix a, Matrix b, double beta, Matrix c) {
    if (c.columnStride() != 1 && c.rowStride() == 1) {
      multiply(alpha, b.transpose(), a.transpose(), beta, c.transpose());
    } else if (c.columnStride() != 1 || a.columns() == 0) {
      fallback.multiply(alpha, a, b, beta, c);
    } else if (workers == null) {
      blas.multiply(alpha, dense(a, 0), dense(b, 1), beta, c);
    } else {
      inBlocks(alpha, dense(a, 0), dense(b, 1), beta, c);
    }
  }

  private void inBlocks(double alpha, Matrix a, Matrix b, double beta, Matrix c) {
    boolean byColumns = c.columns() >= c.rows();
    int extent = byColumns ? c.columns() : c.rows();
    long work = (long) c.rows() * c.columns() * a.columns();
    int width = Math.ceilDiv(Math.ceilDiv(extent, blocks(work)), GRAIN) * GRAIN;
    workers.run(
        Math.ceilDiv(extent, width),
        (block, _) -> {
          int from = block * width;
          int n = Math.min(width, extent - from);
          if (byColumns) {
            blas.multiply(alpha, a, b.columns(from, n), beta, c.columns(from, n));
          } else {
            blas.multiply(alpha, a.rows(from, n), b, beta, c.rows(from, n));
          }
        });
  }

  private static int blocks(long work) {
    int few = Math.clamp(work / LEAST_WORK, 1, FEW_BLOCKS);
    return Math.clamp(work / BLOCK_WORK, few, MOST_BLOCKS);
  }

  /** The matrix itself if it is dense in one direction, as BLAS wants it, else a dense copy. */
  private Matrix dense(Matrix m, int slot) {
    boolean rowsAreDense = m.columnStride() == 1 && m.rowStride() >= m.columns();
    boolean columnsAreDense = m.rowStride() == 1 && m.columnStride() >= m.rows();
    if (rowsAreDense || columnsAreDense) {
      return m;
    }
    int size = Math.toIntExact((long) m.rows() * m.columns());
    Object copy = scratch.array(dtype, slot, size);
    for (int i = 0; i < m.rows(); i++) {
      Moves.copy(
          dtype, m.array(), m.at(i, 0), m.columnStride(), copy, i * m.columns(), 1, m.columns());
    }
    return new Matrix(copy, 0, m.rows(), m.columns(), m.columns(), 1);
  }
}
