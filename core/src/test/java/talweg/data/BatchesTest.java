package talweg.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchesTest {
  private static int[] allRows(Batches batches) {
    List<Integer> rows = new ArrayList<>();
    for (Batch batch : batches) {
      Arrays.stream(batch.rows()).forEach(rows::add);
    }
    return rows.stream().mapToInt(Integer::intValue).toArray();
  }

  @ParameterizedTest
  @CsvSource({"10,3,4,1", "10,5,2,5", "10,10,1,10", "10,100,1,10", "1,1,1,1", "7,2,4,1"})
  void keepsTheRaggedLastBatch(int n, int size, int count, int last) {
    Batches batches = Batches.of(DatasetTest.numbered(n), size);
    assertEquals(count, batches.batchCount());
    assertEquals(last, batches.batch(count - 1).size());
    assertArrayEquals(IntStream.range(0, n).toArray(), allRows(batches));
  }

  @Test
  void dropsTheRaggedLastBatchOnRequest() {
    Batches batches = Batches.of(DatasetTest.numbered(10), 4).dropLast(true);
    assertEquals(2, batches.batchCount());
    assertArrayEquals(IntStream.range(0, 8).toArray(), allRows(batches));
    assertEquals(3, batches.dropLast(false).batchCount());
    assertEquals(2, batches.shuffled(1, 1).batchCount());
    Batches large = Batches.of(DatasetTest.numbered(3), 4);
    assertThrows(IllegalArgumentException.class, () -> large.dropLast(true));
  }

  @Test
  void holdsClassificationExamples() {
    Batch batch = Batches.of(DatasetTest.numbered(5), 3).batch(1);
    assertArrayEquals(new int[] {3, 4}, batch.rows());
    assertArrayEquals(new float[] {3, -3, 4, -4}, batch.x());
    assertArrayEquals(new int[] {0, 1}, batch.labels());
    assertEquals(0, batch.targets().length);
  }

  @Test
  void holdsRegressionExamples() {
    Batch batch = Batches.of(DatasetTest.measured(3), 2).batch(0);
    assertArrayEquals(new float[] {0, 1}, batch.x());
    assertArrayEquals(new float[] {0, 1, 10, 11}, batch.targets());
    assertEquals(0, batch.labels().length);
  }

  @Test
  void shufflesBySeedAndEpoch() {
    Batches inOrder = Batches.of(DatasetTest.numbered(50), 7);
    int[] first = allRows(inOrder.shuffled(3, 0));
    assertArrayEquals(Permutation.of(50, 3, 0), first);
    assertArrayEquals(first, allRows(inOrder.shuffled(3, 0)));
    assertFalse(Arrays.equals(first, allRows(inOrder.shuffled(3, 1))));
    assertFalse(Arrays.equals(first, allRows(inOrder.shuffled(4, 0))));
    assertArrayEquals(IntStream.range(0, 50).toArray(), IntStream.of(first).sorted().toArray());
    assertArrayEquals(IntStream.range(0, 50).toArray(), allRows(inOrder.shuffled(3, 0).inOrder()));
    for (Batch batch : inOrder.shuffled(3, 5)) {
      for (int i = 0; i < batch.size(); i++) {
        assertEquals(batch.rows()[i], (int) batch.x()[2 * i]);
        assertEquals(batch.rows()[i] % 3, batch.labels()[i]);
      }
    }
  }

  @Test
  void batchesDoNotShareArrays() {
    Dataset data = DatasetTest.numbered(4);
    Batches batches = Batches.of(data, 2).shuffled(1, 1);
    Batch batch = batches.batch(0);
    float[] before = batch.x().clone();
    assertNotSame(batch.x(), batches.batch(0).x());
    Arrays.fill(batches.batch(0).x(), 99);
    Arrays.fill(batches.batch(0).rows(), 99);
    Arrays.fill(batches.batch(1).labels(), 99);
    assertArrayEquals(before, batch.x());
    assertArrayEquals(before, batches.batch(0).x());
    assertTrue(Arrays.stream(data.labels()).allMatch(y -> y < 3));
  }

  @Test
  void endsAndRefusesWhatDoesNotExist() {
    Batches batches = Batches.of(DatasetTest.numbered(2), 2);
    Iterator<Batch> pass = batches.iterator();
    pass.next();
    assertFalse(pass.hasNext());
    assertThrows(NoSuchElementException.class, pass::next);
    assertThrows(IndexOutOfBoundsException.class, () -> batches.batch(1));
    assertThrows(IndexOutOfBoundsException.class, () -> batches.rows(-1));
    assertThrows(IllegalArgumentException.class, () -> batches.shuffled(1, -1));
    assertThrows(IllegalArgumentException.class, () -> Batches.of(DatasetTest.numbered(2), 0));
  }
}
