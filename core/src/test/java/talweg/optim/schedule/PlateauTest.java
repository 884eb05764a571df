package talweg.optim.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import talweg.optim.schedule.Plateau.Goal;

/** What counts as an improvement: the best metric is 2, and the threshold 0.25. */
class PlateauTest {
  /** Less than 2 * 0.75, more than 2 * 1.25, less than 2 - 0.25, more than 2 + 0.25. */
  @ParameterizedTest
  @CsvSource({
    "MIN, true, 1.49, true",
    "MIN, true, 1.5, false",
    "MIN, true, 1.6, false",
    "MIN, true, 2.1, false",
    "MAX, true, 2.51, true",
    "MAX, true, 2.5, false",
    "MAX, true, 2.4, false",
    "MAX, true, 1.9, false",
    "MIN, false, 1.74, true",
    "MIN, false, 1.75, false",
    "MIN, false, 1.8, false",
    "MIN, false, 2.1, false",
    "MAX, false, 2.26, true",
    "MAX, false, 2.25, false",
    "MAX, false, 2.2, false",
    "MAX, false, 1.9, false",
    "MIN, true, NaN, false",
    "MAX, false, NaN, false"
  })
  void onlyMoreThanTheThresholdIsAnImprovement(
      Goal goal, boolean relative, double metric, boolean better) {
    Plateau after = new Plateau(1, goal, 0.5, 0, 0.25, relative, 0, 0, 1e-8, 0, 0, 2).after(metric);
    assertEquals(better ? 1 : 0.5, after.rate());
    assertEquals(better ? metric : 2, after.best());
  }
}
