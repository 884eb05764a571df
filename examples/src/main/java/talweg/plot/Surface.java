package talweg.plot;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;

/**
 * Values of a function of two variables on a grid.
 *
 * @param x abscissas of the columns, rising
 * @param y ordinates of the rows, rising
 * @param values {@code values[row][column]}
 */
public record Surface(double[] x, double[] y, double[][] values) {
  public Surface {
    if (x.length < 2 || y.length < 2) {
      throw new IllegalArgumentException(
          "surface: expected at least 2 x 2 points, got %d x %d".formatted(x.length, y.length));
    }
    int columns = x.length;
    if (values.length != y.length || Arrays.stream(values).anyMatch(v -> v.length != columns)) {
      throw new IllegalArgumentException(
          "surface: expected %d rows of %d values".formatted(y.length, columns));
    }
  }

  /** Samples {@code f} at {@code columns} x {@code rows} points, the ends included. */
  public static Surface of(Range x, Range y, int columns, int rows, DoubleBinaryOperator f) {
    double[] xs = x.points(columns);
    double[] ys = y.points(rows);
    double[][] values = new double[rows][columns];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        values[r][c] = f.applyAsDouble(xs[c], ys[r]);
      }
    }
    return new Surface(xs, ys, values);
  }

  /** The lowest finite value. */
  public double min() {
    return finite().min().orElse(Double.NaN);
  }

  /** The highest finite value. */
  public double max() {
    return finite().max().orElse(Double.NaN);
  }

  private java.util.stream.DoubleStream finite() {
    return Arrays.stream(values).flatMapToDouble(Arrays::stream).filter(Double::isFinite);
  }
}
