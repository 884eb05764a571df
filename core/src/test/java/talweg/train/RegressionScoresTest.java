package talweg.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import talweg.data.Dataset;
import talweg.data.Standardizer;

/** Two targets with standardized values; the scores were worked out by hand. */
class RegressionScoresTest {
  private static final double EXACT = 1e-12;

  private final Standardizer standardizer =
      new Standardizer(new double[] {10, -5}, new double[] {2, 4});

  /** In their own units (10, -5), (14, 3), (18, -1). */
  private final Dataset data =
      Dataset.regression(
          "three", new float[3], new int[] {1}, new float[] {0, 0, 2, 2, 4, 1}, List.of("a", "b"));

  /** In their own units (12, -5), (14, 7), (14, -9). */
  private final Predictions predictions = new Predictions(new float[] {1, 0, 2, 3, 2, -1}, 2);

  /** Errors 2, 0, -4; distances from the mean of 14: -4, 0, 4. */
  @Test
  void theFirstTarget() {
    RegressionScores scores = RegressionScores.of(data, predictions, standardizer, 0);
    assertEquals(20 / 3.0, scores.mse(), EXACT);
    assertEquals(2, scores.mae(), EXACT);
    assertEquals(1 - 20 / 32.0, scores.r2(), EXACT);
  }

  /** Errors 0, 4, -8; distances from the mean of -1: -4, 4, 0. */
  @Test
  void theSecondTarget() {
    RegressionScores scores = RegressionScores.of(data, predictions, standardizer, 1);
    assertEquals(80 / 3.0, scores.mse(), EXACT);
    assertEquals(4, scores.mae(), EXACT);
    assertEquals(1 - 80 / 32.0, scores.r2(), EXACT);
  }

  @Test
  void withoutAStandardizerTheValuesAreTheirOwnUnits() {
    RegressionScores scores = RegressionScores.of(data, predictions, null, 1);
    assertEquals(5 / 3.0, scores.mse(), EXACT);
    assertEquals(1 - 5 / 2.0, scores.r2(), EXACT);
  }

  @Test
  void targetsThatDoNotVaryHaveNoR2() {
    Dataset constant =
        Dataset.regression(
            "constant", new float[2], new int[] {1}, new float[] {3, 3}, List.of("y"));
    RegressionScores scores =
        RegressionScores.of(constant, new Predictions(new float[] {3, 4}, 1), null, 0);
    assertTrue(Double.isNaN(scores.r2()));
  }
}
