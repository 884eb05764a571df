package talweg.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The suggestion of a range test, from losses that were made up: no training is needed. */
class LearningRateSuggestionTest {
  /** Learning rates 2^0, 2^1 and so on, with these smoothed losses. */
  private static List<RateTest.Point> points(double... smoothed) {
    List<RateTest.Point> points = new ArrayList<>();
    for (int i = 0; i < smoothed.length; i++) {
      points.add(new RateTest.Point(Math.scalb(1, i), smoothed[i], smoothed[i]));
    }
    return points;
  }

  /** Falls by 1 a step, by 3 a step around the 20th, then by 1 again to its lowest, then rises. */
  private static double[] fallsFastestAround20() {
    double[] losses = new double[50];
    losses[0] = 100;
    for (int i = 1; i < losses.length; i++) {
      double step = i > 40 ? 1 : i > 15 && i <= 25 ? -3 : -1;
      losses[i] = losses[i - 1] + step;
    }
    return losses;
  }

  @Test
  void itIsWhereTheLossFallsMostSteeply() {
    assertEquals(Math.scalb(1, 20), RateTest.of(points(fallsFastestAround20())).suggestion());
  }

  /** A fall behind the lowest loss, or up to it but for the five steps of a slope, is not one. */
  @Test
  void nothingBehindTheLowestLossCounts() {
    double[] losses = fallsFastestAround20();
    losses[41] = 200;
    for (int i = 42; i < losses.length; i++) {
      losses[i] = losses[i - 1] - 10;
    }
    assertTrue(losses[49] > losses[40], "the lowest is before");
    assertEquals(Math.scalb(1, 20), RateTest.of(points(losses)).suggestion());
  }

  /** The same fall per step is twice as steep where the learning rates are closer. */
  @Test
  void theSlopeIsOverTheLogarithmOfTheRate() {
    List<RateTest.Point> points = new ArrayList<>();
    double logarithm = 0;
    for (int i = 0; i < 50; i++) {
      points.add(new RateTest.Point(Math.exp(logarithm), 100 - i, 100 - i));
      logarithm += i >= 24 && i < 34 ? 0.5 : 1;
    }
    assertEquals(points.get(29).rate(), RateTest.of(points).suggestion());
  }

  @Test
  void aLossThatNeverFallsGivesNone() {
    double[] losses = new double[30];
    for (int i = 0; i < losses.length; i++) {
      losses[i] = 1 + i;
    }
    assertTrue(Double.isNaN(RateTest.of(points(losses)).suggestion()));
  }
}
