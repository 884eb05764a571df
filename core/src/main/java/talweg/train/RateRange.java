package talweg.train;

import java.util.Locale;

/**
 * What a learning-rate range test tries.
 *
 * @param low rate of the first step
 * @param high rate of the last step; equal ratios lie between
 * @param steps number of optimizer steps
 */
public record RateRange(double low, double high, int steps) {
  /** 1e-6 to 10 in 140 steps: twenty a decade. */
  public static final RateRange DEFAULT = new RateRange(1e-6, 10, 140);

  public RateRange {
    if (!(low > 0 && low < high && high < Double.POSITIVE_INFINITY) || steps < 10) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "range test: expected 0 < low < high and at least 10 steps, got %s, %s and %d",
              low,
              high,
              steps));
    }
  }

  /** The rate of a step from 0. */
  double rate(long step) {
    return low * Math.pow(high / low, (double) step / (steps - 1));
  }
}
