package talweg.train;

import java.util.List;

/**
 * The outcome of a learning-rate range test (Smith 2017, "Cyclical Learning Rates"): the loss while
 * the rate grows from step to step.
 *
 * @param points one for each step that was made, in rising order of the rate
 * @param suggestion where the smoothed loss falls most steeply on its way to its lowest value; NaN
 *     if it does not fall
 * @param diverged whether the test ended early because the loss blew up
 */
public record RateTest(List<Point> points, double suggestion, boolean diverged) {
  /** Weight of the past in the moving average of losses. */
  private static final double SMOOTHING = 0.9;

  /** Losses above this multiple of the best one end the test. */
  private static final double DIVERGED = 4;

  /** Steps whose average is not reliable yet. */
  private static final int WARM_UP = 10;

  /** A slope is that between so many steps before and after. */
  private static final int REACH = 5;

  /**
   * One step.
   *
   * @param loss of the batch before the update with this rate
   * @param smoothed moving average of the losses so far, corrected for its start at 0
   */
  public record Point(double rate, double loss, double smoothed) {}

  public RateTest {
    points = List.copyOf(points);
  }

  /** The outcome, from its points. */
  static RateTest of(List<Point> points) {
    boolean diverged = !points.isEmpty() && hasDiverged(points);
    double steepest = 0;
    double suggestion = Double.NaN;
    for (int i = WARM_UP; i + REACH <= lowest(points); i++) {
      Point before = points.get(i - REACH);
      Point after = points.get(i + REACH);
      double slope =
          (after.smoothed - before.smoothed) / (Math.log(after.rate) - Math.log(before.rate));
      if (slope < steepest) {
        steepest = slope;
        suggestion = points.get(i).rate;
      }
    }
    return new RateTest(points, suggestion, diverged);
  }

  private static int lowest(List<Point> points) {
    int lowest = 0;
    for (int i = WARM_UP; i < points.size(); i++) {
      lowest = points.get(i).smoothed < points.get(lowest).smoothed ? i : lowest;
    }
    return lowest;
  }

  /** The next point after others. */
  static Point next(List<Point> points, double rate, double loss) {
    int n = points.size();
    double before = n == 0 ? 0 : points.getLast().smoothed * (1 - Math.pow(SMOOTHING, n));
    double average = SMOOTHING * before + (1 - SMOOTHING) * loss;
    return new Point(rate, loss, average / (1 - Math.pow(SMOOTHING, n + 1)));
  }

  /** Whether to end the test after these points. */
  static boolean hasDiverged(List<Point> points) {
    double best =
        points.stream().mapToDouble(Point::smoothed).min().orElse(Double.POSITIVE_INFINITY);
    double last = points.getLast().smoothed;
    return !Double.isFinite(last) || points.size() > WARM_UP && last > DIVERGED * best;
  }
}
