package talweg.data;

/**
 * Some rows of a {@link Dataset}, copied out: the arrays belong to the receiver alone. All but the
 * row numbers are empty where nothing else was asked for, see {@link Batches#openRows}.
 *
 * @param rows the examples' row numbers in the data set, one per example
 * @param x features, row-major {@code [size, featureShape...]}
 * @param labels class labels {@code [size]}; empty for regression
 * @param targets regression targets, row-major {@code [size, t]}; empty for classification
 */
public record Batch(int[] rows, float[] x, int[] labels, float[] targets) {
  /** Number of examples. */
  public int size() {
    return rows.length;
  }
}
