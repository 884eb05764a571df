package talweg.data;

import java.util.Arrays;
import java.util.Locale;
import talweg.error.ShapeException;

/**
 * Shifts and scales each column to mean 0 and standard deviation 1, with the figures of the data it
 * was fitted on: fit on training data, then apply to all parts alike.
 *
 * <p>The deviation is the population's (divisor {@code n}). A column that does not vary is only
 * shifted: its {@code std} is 1.
 *
 * <p>Features and regression targets have a standardizer each, {@link #fit} and {@link
 * #fitTargets}. Training on targets of an arbitrary scale needs a learning rate of that scale;
 * {@link #restore} takes a model's predictions back to the original units, and a mean squared error
 * there is the standardized one times {@code std * std}.
 *
 * @param mean per column
 * @param std per column, positive
 */
public record Standardizer(double[] mean, double[] std) {
  /**
   * Takes figures from elsewhere, such as a saved model.
   *
   * @throws ShapeException if there is not one mean and one deviation for each column
   * @throws IllegalArgumentException if a figure is not finite or a deviation not positive
   */
  public Standardizer {
    mean = mean.clone();
    std = std.clone();
    if (mean.length == 0 || mean.length != std.length) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "standardizer: expected a mean and a deviation for each column, got %d and %d",
              mean.length,
              std.length));
    }
    for (int c = 0; c < mean.length; c++) {
      if (!Double.isFinite(mean[c]) || !Double.isFinite(std[c]) || std[c] <= 0) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "standardizer: column %d: expected a finite mean and a deviation > 0, got %s and"
                    + " %s",
                c,
                mean[c],
                std[c]));
      }
    }
  }

  /** Fits the features, column by column. */
  public static Standardizer fit(Dataset train) {
    return fit(train.source());
  }

  /**
   * Fits the regression targets, column by column.
   *
   * @throws IllegalStateException if this is a classification data set
   */
  public static Standardizer fitTargets(Dataset train) {
    return fit(new Features.Held(train.targets(), train.outputs()));
  }

  /**
   * The same examples with standardized features; a streamed data set stays one.
   *
   * @throws ShapeException if the number of features differs from the fitted one
   */
  public Dataset apply(Dataset data) {
    requireWidth(data, data.featureCount());
    return data.withFeatures(
        data.isStreamed()
            ? new Features.Standardized(data.source(), mean, std)
            : new Features.Held(scaled(data.features()), data.featureCount()));
  }

  /**
   * The same examples with standardized regression targets.
   *
   * @throws ShapeException if the number of targets differs from the fitted one
   * @throws IllegalStateException if this is a classification data set
   */
  public Dataset applyToTargets(Dataset data) {
    requireWidth(data, data.outputs());
    return data.withTargets(scaled(data.targets()));
  }

  /**
   * Standardized values in their original units.
   *
   * @param values row-major {@code [n, columns]}
   * @return a new array of the same length
   * @throws ShapeException if the values do not make up whole rows
   */
  public float[] restore(float[] values) {
    double[] exact = restoreExactly(values);
    float[] original = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      original[i] = (float) exact[i];
    }
    return original;
  }

  /**
   * The same in double, which keeps the digits of numbers such as seconds since 1970.
   *
   * @throws ShapeException if the values do not make up whole rows
   */
  public double[] restoreExactly(float[] values) {
    if (values.length % mean.length != 0) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "standardizer: expected rows of %d values, got %d values in all",
              mean.length,
              values.length));
    }
    double[] original = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      int c = i % mean.length;
      original[i] = values[i] * std[c] + mean[c];
    }
    return original;
  }

  /** A copy of the means, one per column. */
  @Override
  public double[] mean() {
    return mean.clone();
  }

  /** A copy of the standard deviations, one per column. */
  @Override
  public double[] std() {
    return std.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Standardizer that
        && Arrays.equals(mean, that.mean)
        && Arrays.equals(std, that.std);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(mean) + Arrays.hashCode(std);
  }

  @Override
  public String toString() {
    return "Standardizer[mean=" + Arrays.toString(mean) + ", std=" + Arrays.toString(std) + "]";
  }

  /** Standardizes one row in place. */
  static void scale(float[] values, int at, double[] mean, double[] std) {
    for (int c = 0; c < mean.length; c++) {
      values[at + c] = (float) ((values[at + c] - mean[c]) / std[c]);
    }
  }

  private static Standardizer fit(Features data) {
    int columns = data.width();
    double[] mean = new double[columns];
    double[] std = new double[columns];
    boolean[] varies = new boolean[columns];
    float[] first = new float[columns];
    float[] row = new float[columns];
    data.requireIntact();
    data.copy(0, first, 0);
    for (int r = 0; r < data.rows(); r++) {
      data.copy(r, row, 0);
      for (int c = 0; c < columns; c++) {
        mean[c] += row[c];
        varies[c] |= row[c] != first[c];
      }
    }
    for (int c = 0; c < columns; c++) {
      mean[c] /= data.rows();
    }
    // The second pass works on differences, which do not cancel as sums of squares would.
    data.requireIntact();
    for (int r = 0; r < data.rows(); r++) {
      data.copy(r, row, 0);
      for (int c = 0; c < columns; c++) {
        double d = row[c] - mean[c];
        std[c] += d * d;
      }
    }
    for (int c = 0; c < columns; c++) {
      double deviation = Math.sqrt(std[c] / data.rows());
      std[c] = varies[c] && deviation >= Float.MIN_NORMAL ? deviation : 1;
    }
    return new Standardizer(mean, std);
  }

  private float[] scaled(float[] values) {
    for (int at = 0; at < values.length; at += mean.length) {
      scale(values, at, mean, std);
    }
    return values;
  }

  private void requireWidth(Dataset data, int columns) {
    if (columns != mean.length) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "standardizer: fitted on %s, but %s has %d; encode both data sets alike",
              Malformed.count(mean.length, "column"),
              data,
              columns));
    }
  }
}
