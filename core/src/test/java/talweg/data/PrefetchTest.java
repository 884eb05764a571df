package talweg.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import talweg.error.DataFormatException;

@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
class PrefetchTest {
  /** Features that are made up when asked for: {@code row} in each of two columns. */
  private static class Counting implements Features {
    final AtomicInteger asked = new AtomicInteger();

    @Override
    public int rows() {
      return 1000;
    }

    @Override
    public int width() {
      return 2;
    }

    @Override
    public void copy(int row, float[] into, int at) {
      asked.incrementAndGet();
      into[at] = row;
      into[at + 1] = row;
    }
  }

  private static Batches batches(Features features) {
    int[] labels = new int[features.rows()];
    return Batches.of(Dataset.classification("made up", features, new int[] {2}, labels, 2), 10)
        .shuffled(4, 2);
  }

  private static long loaders() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("talweg-loader"))
        .count();
  }

  @Test
  void givesTheSameBatches() {
    Batches batches = batches(new Counting());
    for (int first : new int[] {0, 1, 57, 99, 100}) {
      try (BatchPass pass = batches.open(first)) {
        assertTrue(pass instanceof Prefetch);
        for (int i = first; i < batches.batchCount(); i++) {
          assertTrue(pass.hasNext());
          Batch batch = pass.next();
          assertArrayEquals(batches.batch(i).rows(), batch.rows());
          assertArrayEquals(batches.batch(i).x(), batch.x());
        }
        assertFalse(pass.hasNext());
        assertThrows(NoSuchElementException.class, pass::next);
      }
    }
    assertThrows(IndexOutOfBoundsException.class, () -> batches.open(101));
    assertThrows(IndexOutOfBoundsException.class, () -> batches.open(-1));
    assertEquals(0, loaders());
  }

  /** One batch taken, three that wait, one that waits for a place: then the loader sleeps. */
  @Test
  void loadsAFewAheadAndNoMore() {
    Counting features = new Counting();
    try (BatchPass pass = batches(features).open(0)) {
      pass.next();
      awaitFullQueue(features, 50);
      pass.next();
      awaitFullQueue(features, 60);
    }
    assertEquals(0, loaders());
  }

  /** Until the loader has asked for so many rows, and waits until a batch is taken. */
  private static void awaitFullQueue(Counting features, int rows) {
    while (features.asked.get() < rows || loaderState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    assertEquals(rows, features.asked.get());
  }

  private static Thread.State loaderState() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("talweg-loader"))
        .findFirst()
        .orElseThrow()
        .getState();
  }

  @Test
  void failuresComeOutWhereTheBatchIsAskedFor() {
    DataFormatException broken = new DataFormatException("img/7.png: broken");
    Features features =
        new Counting() {
          @Override
          public void copy(int row, float[] into, int at) {
            if (asked.get() == 25) {
              throw broken;
            }
            super.copy(row, into, at);
          }
        };
    try (BatchPass pass = batches(features).open(0)) {
      pass.next();
      pass.next();
      assertSame(broken, assertThrows(DataFormatException.class, pass::next));
      assertFalse(pass.hasNext());
    }
    assertEquals(0, loaders());
  }

  @Test
  void errorsOfTheLoaderAreNotLost() {
    Features features =
        new Counting() {
          @Override
          public void copy(int row, float[] into, int at) {
            throw new OutOfMemoryError("as if");
          }
        };
    try (BatchPass pass = batches(features).open(0)) {
      assertEquals("as if", assertThrows(OutOfMemoryError.class, pass::next).getMessage());
    }
  }

  @Test
  void closingEndsALoaderThatWaits() throws InterruptedException {
    CountDownLatch reading = new CountDownLatch(1);
    Features slow =
        new Counting() {
          @Override
          public void copy(int row, float[] into, int at) {
            reading.countDown();
            try {
              new CountDownLatch(1).await(); // for ever
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
        };
    try (BatchPass pass = batches(slow).open(0)) {
      assertTrue(pass.hasNext());
      reading.await();
    }
    assertEquals(0, loaders());
  }

  @Test
  void anInterruptStaysWithTheCaller() {
    try (BatchPass pass = batches(new Counting()).open(0)) {
      Thread.currentThread().interrupt();
      assertEquals(10, pass.next().size());
      assertTrue(Thread.interrupted());
    }
  }
}
