package talweg.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.error.DataFormatException;
import talweg.error.ShapeException;

class DatasetTest {
  /** Example i has features {i, -i} and label i % 3. */
  static Dataset numbered(int n) {
    float[] x = new float[2 * n];
    int[] y = new int[n];
    for (int i = 0; i < n; i++) {
      x[2 * i] = i;
      x[2 * i + 1] = -i;
      y[i] = i % 3;
    }
    return Dataset.classification("numbered", x, new int[] {2}, y, 3);
  }

  /** Example i has feature i and targets {10i, 10i + 1}. */
  static Dataset measured(int n) {
    float[] x = new float[n];
    float[] t = new float[2 * n];
    for (int i = 0; i < n; i++) {
      x[i] = i;
      t[2 * i] = 10 * i;
      t[2 * i + 1] = 10 * i + 1;
    }
    return Dataset.regression("measured", x, new int[] {1}, t, List.of("a", "b"));
  }

  @Test
  void describesClassification() {
    Dataset data = numbered(4).withClassNames(List.of("x", "y", "z"));
    assertEquals(4, data.size());
    assertEquals(2, data.featureCount());
    assertTrue(data.isClassification());
    assertEquals(3, data.numClasses());
    assertEquals(3, data.outputs());
    assertEquals(List.of("x", "y", "z"), data.classNames());
    assertEquals(List.of(), data.featureNames());
    assertArrayEquals(new int[] {0, 1, 2, 0}, data.labels());
    assertArrayEquals(new float[] {2, -2}, data.features(2));
    assertEquals("numbered: 4 examples [2], 3 classes", data.toString());
    assertThrows(IllegalStateException.class, data::targets);
    assertThrows(IllegalStateException.class, data::targetNames);
  }

  @Test
  void describesRegression() {
    Dataset data = measured(2).withFeatureNames(List.of("f"));
    assertFalse(data.isClassification());
    assertEquals(2, data.outputs());
    assertEquals(List.of("a", "b"), data.targetNames());
    assertEquals(List.of("f"), data.featureNames());
    assertArrayEquals(new float[] {0, 1, 10, 11}, data.targets());
    assertThrows(IllegalStateException.class, data::labels);
    assertThrows(IllegalStateException.class, data::numClasses);
    assertThrows(IllegalStateException.class, () -> data.withClassNames(List.of("a", "b")));
  }

  @Test
  void sharesNoArrays() {
    float[] x = {1, 2};
    int[] shape = {1};
    int[] y = {0, 1};
    Dataset data = Dataset.classification("d", x, shape, y, 2);
    x[0] = 9;
    shape[0] = 9;
    y[0] = 1;
    data.features()[1] = 9;
    data.features(1)[0] = 9;
    data.labels()[1] = 0;
    data.featureShape()[0] = 9;
    assertArrayEquals(new float[] {1, 2}, data.features());
    assertArrayEquals(new int[] {0, 1}, data.labels());
    assertArrayEquals(new int[] {1}, data.featureShape());
  }

  @Test
  void refusesLengthsThatDoNotFit() {
    int[] two = {2};
    String message =
        assertThrows(
                ShapeException.class,
                () -> Dataset.classification("d", new float[5], two, new int[3], 2))
            .getMessage();
    assertTrue(message.contains("\"d\"") && message.contains("3 x 2 = 6"), message);
    assertThrows(
        ShapeException.class, () -> Dataset.classification("d", new float[0], two, new int[0], 2));
    assertThrows(
        ShapeException.class,
        () -> Dataset.regression("d", new float[4], two, new float[3], List.of("a", "b")));
    assertThrows(
        ShapeException.class,
        () -> Dataset.regression("d", new float[4], two, new float[2], List.of()));
    assertThrows(ShapeException.class, () -> numbered(2).withClassNames(List.of("a", "b")));
    assertThrows(ShapeException.class, () -> numbered(2).withClassNames(List.of("a", "b", "a")));
    assertThrows(ShapeException.class, () -> numbered(2).withFeatureNames(List.of("a")));
  }

  @Test
  void refusesShapesWithoutExtent() {
    int[][] shapes = {{}, {0}, {-1}, {2, 0}, {1 << 16, 1 << 16}, {1 << 30, 1 << 30, 1 << 30}};
    for (int[] shape : shapes) {
      assertThrows(
          ShapeException.class,
          () -> Dataset.classification("d", new float[2], shape, new int[1], 2),
          Arrays.toString(shape));
    }
  }

  @Test
  void refusesLabelsOutOfRangeAndValuesThatAreNotFinite() {
    int[] one = {1};
    float[] x = {1, 2};
    String label =
        assertThrows(
                DataFormatException.class,
                () -> Dataset.classification("d", x, one, new int[] {0, 3}, 3))
            .getMessage();
    assertTrue(label.contains("example 1") && label.contains("0..2, got 3"), label);
    assertThrows(
        DataFormatException.class, () -> Dataset.classification("d", x, one, new int[] {0, -1}, 3));
    assertThrows(
        DataFormatException.class, () -> Dataset.classification("d", x, one, new int[] {0, 0}, 1));
    float[] bad = {1, Float.NaN};
    String value =
        assertThrows(
                DataFormatException.class,
                () -> Dataset.classification("d", bad, one, new int[] {0, 1}, 2))
            .getMessage();
    assertTrue(value.contains("example 1, feature 0"), value);
    float[] infinite = {1, Float.POSITIVE_INFINITY};
    assertThrows(
        DataFormatException.class, () -> Dataset.regression("d", x, one, infinite, List.of("t")));
  }

  @Test
  void splitsAreDisjointAndComplete() {
    long seed = System.nanoTime();
    System.out.println("DatasetTest.splitsAreDisjointAndComplete: seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 50; round++) {
      int n = 2 + random.nextInt(200);
      double fraction = (1 + random.nextInt(n - 1)) / (double) n;
      Split split = numbered(n).split(fraction, random.nextLong());
      assertEquals((int) Math.round(n * fraction), split.train().size());
      int[] seen = IntStream.concat(rows(split.train()), rows(split.test())).sorted().toArray();
      assertArrayEquals(IntStream.range(0, n).toArray(), seen);
      for (int i = 0; i < split.test().size(); i++) {
        assertEquals((int) split.test().features(i)[0] % 3, split.test().labels()[i]);
      }
    }
  }

  private static IntStream rows(Dataset data) {
    return IntStream.range(0, data.size()).map(i -> (int) data.features(i)[0]);
  }

  @Test
  void splitsDependOnTheSeedOnly() {
    Dataset data = numbered(100);
    assertArrayEquals(data.split(0.8, 1).train().features(), data.split(0.8, 1).train().features());
    assertFalse(
        Arrays.equals(
            data.split(0.8, 1).train().features(), data.split(0.8, 2).train().features()));
  }

  @Test
  void splitsInFileOrder() {
    Split split = measured(10).splitInOrder(0.7);
    assertArrayEquals(new float[] {0, 1, 2, 3, 4, 5, 6}, split.train().features());
    assertArrayEquals(new float[] {70, 71, 80, 81, 90, 91}, split.test().targets());
    assertEquals(List.of("a", "b"), split.test().targetNames());
  }

  @Test
  void roundsTheTrainingPartDown() {
    assertEquals(1437, numbered(1797).splitInOrder(0.8).train().size());
    assertEquals(29, numbered(100).splitInOrder(0.29).train().size());
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, -0.1, 1.5, Double.NaN})
  void refusesFractionsOutOfRange(double fraction) {
    Dataset data = numbered(10);
    assertThrows(IllegalArgumentException.class, () -> data.split(fraction, 1));
    assertThrows(IllegalArgumentException.class, () -> data.splitInOrder(fraction));
  }

  @Test
  void refusesSplitsThatLeaveAPartEmpty() {
    String message =
        assertThrows(DataFormatException.class, () -> numbered(3).split(0.1, 1)).getMessage();
    assertTrue(message.contains("none to train on"), message);
    assertThrows(DataFormatException.class, () -> numbered(1).splitInOrder(0.5));
  }

  @Test
  void subsetsKeepOrderNamesAndRepetitions() {
    Dataset data = numbered(5).withClassNames(List.of("x", "y", "z")).subset(new int[] {4, 1, 4});
    assertArrayEquals(new float[] {4, -4, 1, -1, 4, -4}, data.features());
    assertArrayEquals(new int[] {1, 1, 1}, data.labels());
    assertEquals(List.of("x", "y", "z"), data.classNames());
    assertThrows(ShapeException.class, () -> data.subset(new int[0]));
    assertThrows(IndexOutOfBoundsException.class, () -> data.subset(new int[] {3}));
    assertThrows(IndexOutOfBoundsException.class, () -> data.subset(new int[] {-1}));
  }

  @Test
  void aSplitDescribesOneTask() {
    assertThrows(ShapeException.class, () -> Split.of(numbered(3), measured(3)));
  }
}
