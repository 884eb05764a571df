package talweg.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import talweg.data.Dataset;
import talweg.landscape.LineFit;
import talweg.landscape.Sales;
import talweg.landscape.Trajectory;
import talweg.plot.Palette;

/** Each example, small. */
class ExamplesTest {
  @Test
  void linearRegressionEndsAtTheNormalEquations() {
    Sales data = Sales.load();
    double[] best = new LineFit(data.spending(), data.sales()).best();
    assertArrayEquals(best, LinearRegression.fit(data, 400), 1e-4);
  }

  @Test
  void logisticRegressionFindsACurvedBoundary() {
    LogisticRegression.Sample sample = LogisticRegression.sample(42);
    LogisticRegression.Result result = LogisticRegression.fit(sample, 300);
    assertTrue(result.accuracy() > 0.93, () -> "accuracy " + result.accuracy());
    assertTrue(
        LogisticRegression.picture(sample, result).toSvg(Palette.LIGHT).contains(">boundary<"));
  }

  @Test
  void onlyTheRightGradientPasses() {
    assertTrue(GradientChecking.check(GradientChecking::right).passes(1e-6));
    assertFalse(GradientChecking.check(GradientChecking::wrong).passes(1e-2));
  }

  @Test
  void noiseAndSeveralStartsLeaveTheLocalMinimum() {
    Trajectory full = EscapingLocalMinimum.full(EscapingLocalMinimum.START, 200);
    double noisy = EscapingLocalMinimum.noisy(EscapingLocalMinimum.START, 300, 1).last();
    double best =
        EscapingLocalMinimum.multiStart(16, 200, 1).stream()
            .mapToDouble(Trajectory::last)
            .min()
            .orElseThrow();
    assertTrue(full.last() > 1, () -> "full " + full.last());
    assertTrue(noisy < full.last() - 0.5, () -> "noisy " + noisy);
    assertEquals(0, best, 1e-6);
  }

  @Test
  void tsneKeepsNeighbours() {
    Dataset digits = EmbeddedDigits.load().subset(IntStream.range(0, 120).toArray());
    double[][] map = DigitsTsne.map(digits, 150);
    double accuracy = DigitsTsne.neighbourAccuracy(map, digits.labels());
    assertTrue(accuracy > 0.7, () -> "accuracy " + accuracy);
    assertTrue(DigitsTsne.picture(map, digits.labels()).toSvg(Palette.DARK).contains(">7<"));
  }

  /** Symmetric, one in all, and nobody is a neighbour of oneself. */
  @Test
  void affinitiesAreProbabilities() {
    double[][] distances = {{0, 1, 4, 9}, {1, 0, 1, 4}, {4, 1, 0, 1}, {9, 4, 1, 0}};
    double[] p = DigitsTsne.affinities(distances);
    assertEquals(1, Arrays.stream(p).sum(), 1e-12);
    for (int i = 0; i < 4; i++) {
      assertEquals(0, p[5 * i]);
      for (int j = 0; j < 4; j++) {
        assertEquals(p[4 * i + j], p[4 * j + i], 1e-15);
      }
    }
    assertTrue(p[1] > p[3]);
  }
}
