package talweg.cuda;

import talweg.spi.View;

/**
 * How the rows of a matrix are shared out among teams of threads, see {@code common/team.cuh}.
 *
 * @param blocks at least one
 * @param isLong whether a block is a team; else a warp is
 */
record RowTeams(long blocks, boolean isLong) {
  static final int THREADS = 256;

  /** A warp takes rows up to this length. */
  private static final int SHORT_ROW = 1024;

  static RowTeams of(View matrix) {
    boolean isLong = matrix.dims()[1] > SHORT_ROW;
    long blocks = Math.ceilDiv(matrix.dims()[0], isLong ? 1 : THREADS / 32);
    return new RowTeams(Math.max(1, blocks), isLong);
  }
}
