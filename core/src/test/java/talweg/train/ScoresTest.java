package talweg.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import talweg.data.Dataset;
import talweg.data.Standardizer;
import talweg.nn.Dropout;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.session.Session;

class ScoresTest {
  private static final double EXACT = 1e-12;

  /** Five examples of class 0, three of 1, none of 2; 3 is predicted, but does not occur. */
  private final ConfusionMatrix matrix =
      ConfusionMatrix.of(
          Dataset.classification(
              "eight", new float[8], new int[] {1}, new int[] {0, 0, 0, 0, 0, 1, 1, 1}, 4),
          said(4, 0, 0, 0, 1, 3, 1, 1, 0));

  @Test
  void aRegressionShowsNoAccuracy() {
    assertEquals("Evaluation[loss=0.5]", new Evaluation(0.5, Double.NaN).toString());
    assertEquals("Evaluation[loss=0.5, accuracy=1.0]", new Evaluation(0.5, 1).toString());
  }

  @Test
  void countsByActualAndPredictedClass() {
    assertEquals(3, matrix.count(0, 0));
    assertEquals(1, matrix.count(0, 1));
    assertEquals(1, matrix.count(0, 3));
    assertEquals(1, matrix.count(1, 0));
    assertEquals(2, matrix.count(1, 1));
    assertEquals(5, matrix.support(0));
    assertEquals(4, matrix.predicted(0));
  }

  /** The figures were worked out by hand. */
  @Test
  void scoresFollowFromTheCounts() {
    assertEquals(5 / 8.0, matrix.accuracy());
    assertEquals(3 / 4.0, matrix.precision(0));
    assertEquals(3 / 5.0, matrix.recall(0));
    assertEquals(2 / 3.0, matrix.f1(0), EXACT);
    assertEquals(2 / 3.0, matrix.precision(1), EXACT);
    assertEquals(0, matrix.precision(3));
    assertTrue(Double.isNaN(matrix.recall(3)) && Double.isNaN(matrix.f1(2)));
    assertEquals((3 / 5.0 + 2 / 3.0) / 2, matrix.macroRecall(), EXACT);
    assertEquals(2 / 3.0, matrix.macroF1(), EXACT);
    assertEquals((3 / 4.0 + 2 / 3.0) / 2, matrix.macroPrecision(), EXACT);
  }

  @Test
  void probabilitiesAreASoftmaxThatDoesNotOverflow() {
    Predictions p = new Predictions(new float[] {1000, 1000, 0, -2, 1, 0}, 3);
    assertArrayEquals(new double[] {0.5, 0.5, 0}, p.probabilities(0), EXACT);
    assertEquals(1, Arrays.stream(p.probabilities(1)).sum(), EXACT);
    assertEquals(1, p.label(1));
    assertEquals(0, p.label(0));
  }

  /** Errors 1 and -3 in units of the target. */
  @Test
  void regressionIsMeasuredInTheTargetsUnits() {
    Standardizer standardizer = new Standardizer(new double[] {10}, new double[] {2});
    Dataset data =
        Dataset.regression(
            "two", new float[2], new int[] {1}, new float[] {0, 2}, List.of("y")); // 10 and 14
    RegressionScores scores =
        RegressionScores.of(
            data, new Predictions(new float[] {0.5f, 0.5f}, 1), standardizer, 0); // 11 and 11
    assertEquals(5, scores.mse(), EXACT);
    assertEquals(2, scores.mae(), EXACT);
    assertEquals(1 - 10 / 8.0, scores.r2(), EXACT);
    assertEquals(Math.sqrt(5), scores.rmse(), EXACT);
  }

  @Test
  void predictionsAreThoseOfTheModelInEvaluationMode() {
    float[] x = new float[2 * 1500];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) Math.sin(i);
    }
    Dataset data = Dataset.classification("sines", x, new int[] {2}, new int[1500], 2);
    try (Session session = Session.open("reference")) {
      Module model = new Sequential(new Dropout(0.5), new Linear(2, 2)).init(session, 9).train();
      Predictions first = Predictions.of(model, data);
      assertEquals(1500, first.size());
      assertTrue(model.isTraining());
      assertArrayEquals(first.values(), Predictions.of(model, data).values());
      model.eval();
      float[] expected =
          model.forward(session.tensor(Arrays.copyOfRange(x, 2998, 3000), 1, 2)).toFloats();
      assertArrayEquals(expected, first.row(1499));
      assertFalse(model.isTraining());
    }
  }

  private static Predictions said(int classes, int... labels) {
    float[] values = new float[labels.length * classes];
    for (int i = 0; i < labels.length; i++) {
      values[i * classes + labels[i]] = 1;
    }
    return new Predictions(values, classes);
  }
}
