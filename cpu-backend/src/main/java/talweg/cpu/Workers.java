package talweg.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed set of threads that share the chunks of one task at a time with the calling thread.
 * Chunks are claimed dynamically, but what a chunk computes must not depend on who claims it: so
 * the number of threads never shows in a result.
 *
 * <p>Idle workers spin for a moment, since a training step hands over work every few microseconds,
 * and then park.
 */
final class Workers implements AutoCloseable {
  /** Spins before parking: some tens of microseconds. */
  private static final int SPINS = Integer.getInteger("talweg.cpu.spins", 4_000);

  /** Work that is cut into chunks. */
  @FunctionalInterface
  interface Task {
    /**
     * Does one chunk.
     *
     * @param chunk from 0
     * @param worker the thread that does it, from 0, for working memory of its own
     */
    void run(int chunk, int worker);
  }

  /** One task's bookkeeping; a worker that comes late to an old job finds no chunk left in it. */
  private static final class Job {
    private final Task task;
    private final int chunks;
    private final AtomicInteger claimed = new AtomicInteger();
    private final AtomicInteger finished = new AtomicInteger();
    private volatile Throwable failure;

    Job(Task task, int chunks) {
      this.task = task;
      this.chunks = chunks;
    }

    void work(int worker) {
      for (int chunk = claimed.getAndIncrement();
          chunk < chunks;
          chunk = claimed.getAndIncrement()) {
        try {
          task.run(chunk, worker);
        } catch (RuntimeException | Error e) {
          failure = e;
        }
        finished.incrementAndGet();
      }
    }
  }

  private final Thread[] threads;
  private final boolean[] parked;
  private volatile Job job;
  private volatile boolean closed;

  /**
   * Starts the threads.
   *
   * @param count including the calling thread
   */
  Workers(int count) {
    this.threads = new Thread[count - 1];
    this.parked = new boolean[count - 1];
    for (int i = 0; i < threads.length; i++) {
      int worker = i + 1;
      threads[i] =
          Thread.ofPlatform().daemon().name("talweg-cpu-" + worker).start(() -> loop(worker));
    }
  }

  /** Number of threads that do work, the calling one included. */
  int count() {
    return threads.length + 1;
  }

  /** Does all chunks and returns when the last one is done. */
  void run(int chunks, Task task) {
    if (chunks <= 1 || threads.length == 0) {
      for (int chunk = 0; chunk < chunks; chunk++) {
        task.run(chunk, 0);
      }
      return;
    }
    Job mine = new Job(task, chunks);
    job = mine;
    wake(Math.min(chunks - 1, threads.length));
    mine.work(0);
    while (mine.finished.get() < chunks) {
      Thread.onSpinWait();
    }
    rethrow(mine.failure);
  }

  private void wake(int most) {
    for (int i = 0; i < most; i++) {
      if (isParked(i)) {
        LockSupport.unpark(threads[i]);
      }
    }
  }

  private void loop(int worker) {
    Job last = null;
    while (!closed) {
      Job next = await(last, worker - 1);
      if (next != null) {
        next.work(worker);
        last = next;
      }
    }
  }

  /** A job other than {@code last}, or null after a wake-up without one. */
  private Job await(Job last, int index) {
    for (int i = 0; i < SPINS; i++) {
      if (job != last) {
        return job;
      }
      Thread.onSpinWait();
    }
    setParked(index, true);
    // Announced first, checked again after: a job that comes in between is seen here or wakes us.
    if (job == last && !closed) {
      LockSupport.park(this);
    }
    setParked(index, false);
    return job == last ? null : job;
  }

  private synchronized boolean isParked(int index) {
    return parked[index];
  }

  private synchronized void setParked(int index, boolean value) {
    parked[index] = value;
  }

  private static void rethrow(Throwable failure) {
    switch (failure) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new AssertionError(failure);
    }
  }

  @Override
  public void close() {
    closed = true;
    for (Thread thread : threads) {
      LockSupport.unpark(thread);
    }
  }
}
