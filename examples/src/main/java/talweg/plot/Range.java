package talweg.plot;

/** An interval of an axis. */
public record Range(double low, double high) {
  public Range {
    if (!(low < high) || Double.isInfinite(low) || Double.isInfinite(high)) {
      throw new IllegalArgumentException(
          "range: expected low < high, got %s and %s".formatted(low, high));
    }
  }

  /** {@code n} points at equal distances, the ends included. */
  public double[] points(int n) {
    double[] points = new double[n];
    for (int i = 0; i < n; i++) {
      points[i] = low + (high - low) * i / (n - 1);
    }
    return points;
  }

  /** Whether {@code value} lies within; NaN does not. */
  public boolean contains(double value) {
    return low <= value && value <= high;
  }
}
