package talweg.landscape;

import java.util.Arrays;
import talweg.tensor.Tensor;

/**
 * The fit of a line to points: {@code J(w, b) = mean of (w x_i + b - y_i)^2}, as a function of the
 * line's slope and intercept.
 *
 * @param x abscissas of the points
 * @param y their ordinates
 */
public record LineFit(double[] x, double[] y) {
  public LineFit {
    if (x.length != y.length || x.length < 2) {
      throw new IllegalArgumentException(
          "line fit: expected as many x as y, at least 2, got %d and %d"
              .formatted(x.length, y.length));
    }
  }

  /**
   * The mean squared error of n lines at once.
   *
   * @param w slopes, [n]
   * @param b intercepts, [n]
   * @return [n]
   */
  public Tensor loss(Tensor w, Tensor b) {
    Tensor abscissas = w.session().tensor(x, x.length);
    Tensor ordinates = w.session().tensor(y, y.length);
    return w.unsqueeze(1).mul(abscissas).add(b.unsqueeze(1)).sub(ordinates).square().mean(1);
  }

  /** Slope and intercept of the least squares line, by the normal equations. */
  public double[] best() {
    double meanX = mean(x);
    double meanY = mean(y);
    double covariance = 0;
    double variance = 0;
    for (int i = 0; i < x.length; i++) {
      covariance += (x[i] - meanX) * (y[i] - meanY);
      variance += (x[i] - meanX) * (x[i] - meanX);
    }
    double slope = covariance / variance;
    return new double[] {slope, meanY - slope * meanX};
  }

  /**
   * The learning rate above which gradient descent diverges: 2 divided by the largest eigenvalue of
   * the Hessian, {@code 2 [[mean x^2, mean x], [mean x, 1]]}.
   */
  public double largestStableRate() {
    double meanX = mean(x);
    double meanSquare = Arrays.stream(x).map(v -> v * v).average().orElseThrow();
    double trace = meanSquare + 1;
    double determinant = meanSquare - meanX * meanX;
    double largest = trace + Math.sqrt(trace * trace - 4 * determinant);
    return 2 / largest;
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }
}
