package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A hand-over that is lost fails here, and does not keep the build waiting. */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = ThreadMode.SEPARATE_THREAD)
class WorkersTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void everyChunkIsDoneOnce(int count) {
    try (Workers workers = new Workers(count)) {
      assertEquals(count, workers.count());
      for (int chunks : new int[] {0, 1, 2, 3, 7, 64, 1000}) {
        for (int round = 0; round < 200; round++) {
          AtomicIntegerArray done = new AtomicIntegerArray(chunks);
          workers.run(
              chunks,
              (chunk, worker) -> {
                assertTrue(worker >= 0 && worker < count);
                done.incrementAndGet(chunk);
              });
          int[] expected = new int[chunks];
          Arrays.fill(expected, 1);
          int[] actual = new int[chunks];
          Arrays.setAll(actual, done::get);
          assertArrayEquals(expected, actual);
        }
      }
    }
  }

  /** Each chunk waits for the others: it ends only if as many threads take part. */
  @Test
  void allThreadsTakePartEvenAfterASleep() {
    try (Workers workers = new Workers(3)) {
      for (int round = 0; round < 20; round++) {
        CountDownLatch together = new CountDownLatch(3);
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        workers.run(
            3,
            (_, _) -> {
              threads.add(Thread.currentThread());
              together.countDown();
              assertTrue(awaits(together));
            });
        assertEquals(3, threads.size());
        if (round % 5 == 0) {
          LockSupport.parkNanos(5_000_000); // Long enough for the workers to park.
        }
      }
    }
  }

  private static boolean awaits(CountDownLatch latch) {
    try {
      return latch.await(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void theFirstChunksFailureReachesTheCaller(int count) {
    try (Workers workers = new Workers(count)) {
      for (int round = 0; round < 50; round++) {
        IllegalStateException e =
            assertThrows(
                IllegalStateException.class,
                () ->
                    workers.run(
                        100,
                        (chunk, _) -> {
                          if (chunk % 10 == 3) {
                            throw new IllegalStateException("chunk " + chunk);
                          }
                        }));
        assertEquals("chunk 3", e.getMessage());
      }
      workers.run(10, (_, _) -> {}); // They go on after a failure.
    }
  }

  @Test
  void closingEndsTheThreads() {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    Workers workers = new Workers(4);
    CountDownLatch together = new CountDownLatch(4);
    workers.run(
        4,
        (_, _) -> {
          threads.add(Thread.currentThread());
          together.countDown();
          assertTrue(awaits(together));
        });
    workers.close();
    threads.remove(Thread.currentThread());
    assertEquals(3, threads.size());
    assertTrue(threads.stream().noneMatch(Thread::isAlive));
  }

  /** Threads that end only when somebody waits for it: close does, for each of them. */
  @Test
  void closingWaitsForTheThreads() {
    AtomicInteger ended = new AtomicInteger();
    AtomicBoolean given = new AtomicBoolean();
    Thread closer = Thread.currentThread();
    ThreadFactory slowToEnd =
        body ->
            new Thread(() -> {
              body.run();
              while (closer.getState() != Thread.State.WAITING && !given.get()) {
                Thread.onSpinWait();
              }
              ended.incrementAndGet();
            });
    Workers workers = new Workers(3, slowToEnd);
    workers.run(3, (_, _) -> {});
    workers.close();
    int atClose = ended.get();
    given.set(true);
    assertEquals(2, atClose);
  }

  /** Not even what no task may throw keeps the caller waiting. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void whateverATaskThrowsReachesTheCaller(int count) {
    try (Workers workers = new Workers(count)) {
      for (Throwable thrown :
          List.of(
              new StackOverflowError("deep"), new OutOfMemoryError("full"), new IOException())) {
        Throwable e =
            assertThrows(
                Throwable.class,
                () ->
                    workers.run(
                        100,
                        (chunk, _) -> {
                          if (chunk > 50) {
                            WorkersTest.<RuntimeException>sneak(thrown);
                          }
                        }));
        assertTrue(e == thrown || e.getCause() == thrown, e::toString);
      }
      AtomicInteger done = new AtomicInteger();
      workers.run(100, (_, _) -> done.incrementAndGet());
      assertEquals(100, done.get());
    }
  }

  @SuppressWarnings("unchecked") // what makes it pass unseen by the compiler
  private static <T extends Throwable> void sneak(Throwable thrown) throws T {
    throw (T) thrown;
  }

  /** A system that gives no more threads. */
  @Test
  void fewerThreadsDoTheSameWork() {
    AtomicInteger made = new AtomicInteger();
    ThreadFactory scarce =
        body ->
            made.incrementAndGet() <= 1
                ? new Thread(body)
                : new Thread(body) {
                  @Override
                  public void start() {
                    throw new OutOfMemoryError("unable to create native thread");
                  }
                };
    try (Workers workers = new Workers(5, scarce)) {
      for (int round = 0; round < 3; round++) {
        AtomicIntegerArray done = new AtomicIntegerArray(100);
        workers.run(100, (chunk, _) -> done.incrementAndGet(chunk));
        for (int i = 0; i < 100; i++) {
          assertEquals(1, done.get(i));
        }
      }
      assertEquals(2, workers.count());
    }
  }
}
