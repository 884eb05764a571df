package talweg.data;

import java.nio.file.Path;
import java.util.Arrays;

/**
 * Where a data set's features are: in an array, or outside the heap, brought in row by row.
 * Read-only, so that several threads may read at once.
 */
interface Features {
  /** Number of rows. */
  int rows();

  /** Number of values of a row. */
  int width();

  /**
   * Tells it if a file is no longer what it was, before some of its rows are copied.
   *
   * @throws java.io.UncheckedIOException if it was cut
   */
  default void requireIntact() {}

  /** A file that rows are read from and that is not what it was when it was opened, or null. */
  default Path changed() {
    return null;
  }

  /** Copies one row's values. */
  void copy(int row, float[] into, int at);

  /** Whether rows are brought in from a file whenever they are asked for. */
  default boolean streamed() {
    return true;
  }

  /** Rows that are in memory, row-major. */
  record Held(float[] values, int width) implements Features {
    @Override
    public int rows() {
      return values.length / width;
    }

    @Override
    public void copy(int row, float[] into, int at) {
      System.arraycopy(values, row * width, into, at, width);
    }

    @Override
    public boolean streamed() {
      return false;
    }
  }

  /** Some rows of streamed features, in an order of their own. */
  record Selected(Features all, int[] chosen) implements Features {
    static Features of(Features features, int[] rows) {
      return features instanceof Selected part
          ? new Selected(part.all, Arrays.stream(rows).map(row -> part.chosen[row]).toArray())
          : new Selected(features, rows.clone());
    }

    @Override
    public int rows() {
      return chosen.length;
    }

    @Override
    public int width() {
      return all.width();
    }

    @Override
    public void requireIntact() {
      all.requireIntact();
    }

    @Override
    public Path changed() {
      return all.changed();
    }

    @Override
    public void copy(int row, float[] into, int at) {
      all.copy(chosen[row], into, at);
    }
  }

  /** Streamed features, standardized while they are copied. */
  record Standardized(Features raw, double[] mean, double[] std) implements Features {
    @Override
    public int rows() {
      return raw.rows();
    }

    @Override
    public int width() {
      return raw.width();
    }

    @Override
    public void requireIntact() {
      raw.requireIntact();
    }

    @Override
    public Path changed() {
      return raw.changed();
    }

    @Override
    public void copy(int row, float[] into, int at) {
      raw.copy(row, into, at);
      Standardizer.scale(into, at, mean, std);
    }
  }
}
