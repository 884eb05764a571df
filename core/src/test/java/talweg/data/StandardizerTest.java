package talweg.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import talweg.error.ShapeException;

class StandardizerTest {
  private static Dataset features(int columns, float... x) {
    return Dataset.classification("d", x, new int[] {columns}, new int[x.length / columns], 2);
  }

  @Test
  void usesTheFiguresOfTheTrainingData() {
    Standardizer fitted = Standardizer.fit(features(2, 1, 10, 3, 10, 5, 10, 7, 10));
    assertArrayEquals(new double[] {4, 10}, fitted.mean());
    assertArrayEquals(new double[] {Math.sqrt(5), 1}, fitted.std());
    Dataset other = fitted.apply(features(2, 4, 10, 4 + (float) Math.sqrt(5), 12));
    assertArrayEquals(new float[] {0, 0, 1, 2}, other.features(), 1e-6f);
  }

  @Test
  void trainingDataBecomeMeanZeroDeviationOne() {
    long seed = System.nanoTime();
    System.out.println("StandardizerTest.trainingDataBecomeMeanZeroDeviationOne: seed " + seed);
    Random random = new Random(seed);
    float[] x = new float[3000];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (random.nextGaussian() * Math.pow(10, i % 3) + 1000 * (i % 3));
    }
    Dataset data = features(3, x);
    Standardizer again = Standardizer.fit(Standardizer.fit(data).apply(data));
    assertArrayEquals(new double[3], again.mean(), 1e-4);
    assertArrayEquals(new double[] {1, 1, 1}, again.std(), 1e-4);
  }

  @Test
  void columnsThatDoNotVaryAreOnlyShifted() {
    // 0.1f summed up 1000 times and divided by 1000 is not exactly 0.1f.
    float[] x = new float[1000];
    Arrays.fill(x, 0.1f);
    Standardizer fitted = Standardizer.fit(features(1, x));
    assertEquals(1, fitted.std()[0]);
    assertArrayEquals(new float[1000], fitted.apply(features(1, x)).features(), 1e-7f);
    assertEquals(1, Standardizer.fit(features(1, 0f, Float.MIN_VALUE)).std()[0]);
  }

  @Test
  void largeOffsetsDoNotCancel() {
    Standardizer fitted = Standardizer.fit(features(1, 16_000_000, 16_000_001, 16_000_002));
    assertEquals(Math.sqrt(2 / 3.0), fitted.std()[0], 1e-9);
  }

  @Test
  void targetsGoThereAndBack() {
    Dataset data = DatasetTest.measured(5);
    Standardizer fitted = Standardizer.fitTargets(data);
    assertArrayEquals(new double[] {20, 21}, fitted.mean());
    Dataset scaled = fitted.applyToTargets(data);
    assertArrayEquals(data.features(), scaled.features());
    assertEquals(List.of("a", "b"), scaled.targetNames());
    assertArrayEquals(new double[] {1, 1}, Standardizer.fitTargets(scaled).std(), 1e-6);
    assertArrayEquals(data.targets(), fitted.restore(scaled.targets()), 1e-4f);
    assertThrows(
        IllegalStateException.class, () -> Standardizer.fitTargets(DatasetTest.numbered(3)));
  }

  @Test
  void refusesOtherWidths() {
    Standardizer fitted = Standardizer.fit(features(2, 1, 2));
    String message =
        assertThrows(ShapeException.class, () -> fitted.apply(features(1, 1))).getMessage();
    assertTrue(message.contains("2 columns") && message.contains("has 1"), message);
    assertThrows(ShapeException.class, () -> fitted.restore(new float[3]));
  }

  @Test
  void refusesImpossibleFigures() {
    double[] one = {1};
    assertThrows(ShapeException.class, () -> new Standardizer(one, new double[2]));
    assertThrows(ShapeException.class, () -> new Standardizer(new double[0], new double[0]));
    for (double std : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThrows(IllegalArgumentException.class, () -> new Standardizer(one, new double[] {std}));
    }
    double[] nan = {Double.NaN};
    assertThrows(IllegalArgumentException.class, () -> new Standardizer(nan, one));
  }

  @Test
  void isAValue() {
    double[] mean = {1};
    Standardizer a = new Standardizer(mean, new double[] {2});
    mean[0] = 7;
    a.std()[0] = 9;
    Standardizer b = new Standardizer(new double[] {1}, new double[] {2});
    assertEquals(b, a);
    assertEquals(b.hashCode(), a.hashCode());
    assertEquals("Standardizer[mean=[1.0], std=[2.0]]", a.toString());
  }
}
