package talweg.train;

import java.util.stream.IntStream;
import talweg.data.Dataset;
import talweg.data.Standardizer;

/**
 * How far predicted numbers are from the true ones, in the targets' own units.
 *
 * @param mse mean squared error
 * @param mae mean absolute error
 * @param r2 coefficient of determination: 1 - squared errors / squared distances from the mean; NaN
 *     where the targets do not vary
 */
public record RegressionScores(double mse, double mae, double r2) {
  /** Root of the mean squared error. */
  public double rmse() {
    return Math.sqrt(mse);
  }

  /**
   * The scores of one target.
   *
   * @param standardizer how the targets were standardized, or null
   */
  public static RegressionScores of(
      Dataset data, Predictions predictions, Standardizer standardizer, int target) {
    double[] actual = restored(standardizer, data.targets());
    double[] predicted = restored(standardizer, predictions.values());
    int columns = data.outputs();
    int n = data.size();
    double mean = 0;
    for (int i = 0; i < n; i++) {
      mean += actual[i * columns + target] / (double) n;
    }
    double squares = 0;
    double absolute = 0;
    double spread = 0;
    for (int i = 0; i < n; i++) {
      double a = actual[i * columns + target];
      double error = predicted[i * columns + target] - a;
      squares += error * error;
      absolute += Math.abs(error);
      spread += (a - mean) * (a - mean);
    }
    double r2 = spread == 0 ? Double.NaN : 1 - squares / spread;
    return new RegressionScores(squares / n, absolute / n, r2);
  }

  private static double[] restored(Standardizer standardizer, float[] values) {
    return standardizer == null
        ? IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray()
        : standardizer.restoreExactly(values);
  }
}
