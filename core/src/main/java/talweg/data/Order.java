package talweg.data;

import java.util.Arrays;

/** In which order the rows of a data set take their turn: a function of the position only. */
sealed interface Order {
  /** The rows at the positions from {@code from} to {@code to}, the latter excluded. */
  int[] rows(int from, int to);

  /** The order of the file. */
  record InFile() implements Order {
    @Override
    public int[] rows(int from, int to) {
      int[] rows = new int[to - from];
      Arrays.setAll(rows, i -> from + i);
      return rows;
    }
  }

  /** A permutation of all rows. */
  record Shuffled(int[] order) implements Order {
    @Override
    public int[] rows(int from, int to) {
      return Arrays.copyOfRange(order, from, to);
    }
  }

  /**
   * A random order for rows that are read from a file: neighbours in the file stay near to each
   * other in time. Blocks of {@value #BLOCK} successive rows are permuted; each {@value #POOL}
   * blocks in that order are a pool, whose rows are permuted among themselves. Nothing is kept per
   * row, and any position can be asked for.
   *
   * <p>Every row occurs once. Two rows of a block are never further apart than a pool, so that
   * files sorted by class need more than one pool's worth of blocks per class to be mixed well:
   * with {@code n} rows, a pool draws on 64 random places of the file.
   */
  final class Blocks implements Order {
    static final int BLOCK = 256;
    static final int POOL = 64;

    private final int rows;
    private final long seed;
    private final long epoch;
    private final int[] blocks;
    private final int shortBlockAt;
    private volatile Pool last = new Pool(-1, 0, new int[0]);

    /** The rows of one pool in their order, and the position of the first. */
    private record Pool(int index, int start, int[] rows) {}

    Blocks(int rows, long seed, long epoch) {
      this.rows = rows;
      this.seed = seed;
      this.epoch = epoch;
      this.blocks = Permutation.of(Math.ceilDiv(rows, BLOCK), seed, epoch);
      int at = 0;
      while (blocks[at] != blocks.length - 1) {
        at++;
      }
      this.shortBlockAt = at;
    }

    @Override
    public int[] rows(int from, int to) {
      int[] rows = new int[to - from];
      int done = 0;
      while (done < rows.length) {
        Pool pool = pool(from + done);
        int at = from + done - pool.start;
        int n = Math.min(rows.length - done, pool.rows.length - at);
        System.arraycopy(pool.rows, at, rows, done, n);
        done += n;
      }
      return rows;
    }

    private Pool pool(int position) {
      Pool pool = last;
      if (position < pool.start || position >= pool.start + pool.rows.length) {
        int index = position / (BLOCK * POOL);
        // Behind the short block, a pool begins earlier than its number of full blocks would have
        // it.
        index += index + 1 < pools() && position >= start(index + 1) ? 1 : 0;
        pool = new Pool(index, start(index), shuffled(index));
        last = pool;
      }
      return pool;
    }

    private int pools() {
      return Math.ceilDiv(blocks.length, POOL);
    }

    private int start(int pool) {
      int missing = blocks.length * BLOCK - rows;
      return pool * POOL * BLOCK - (shortBlockAt < pool * POOL ? missing : 0);
    }

    private int[] shuffled(int pool) {
      int first = pool * POOL;
      int end = Math.min(blocks.length, first + POOL);
      int[] inFile = new int[(end - first) * BLOCK];
      int n = 0;
      for (int b = first; b < end; b++) {
        int from = blocks[b] * BLOCK;
        int to = Math.min(rows, from + BLOCK);
        for (int row = from; row < to; row++) {
          inFile[n++] = row;
        }
      }
      int[] order = Permutation.of(n, seed, epoch, pool);
      Arrays.setAll(order, i -> inFile[order[i]]);
      return order;
    }
  }
}
