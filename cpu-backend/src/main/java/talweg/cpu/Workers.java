package talweg.cpu;

import java.util.Arrays;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A fixed set of threads that share the chunks of one task at a time with the calling thread. Each
 * thread has its share of the chunks, and helps with the others' when it is done: what a chunk
 * computes must not depend on who does it, so the number of threads never shows in a result. The
 * threads start with the first task that has work for them.
 *
 * <p>Idle workers spin for a moment, since a training step hands over work every few microseconds,
 * and then park.
 */
final class Workers implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Workers.class);

  /**
   * Spins before parking: some tens of microseconds. Longer ones spare a wake-up, but where two
   * processors share a core, or a host watches for spinning, they slow the thread that works: on
   * such a machine 5,000 made small steps take up to twice as long.
   */
  private static final int SPINS = Integer.getInteger("talweg.cpu.spins", 1_000);

  /** Spins for the end of others' chunks, before giving way: there may be too few processors. */
  private static final int PATIENCE = 1_000;

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
    private final int chunks;

    /**
     * The next chunk of each thread's share. A thread takes its own share first, then what is left
     * of the others': arrays that one call after the other works on stay in the cache of one core.
     */
    private final AtomicInteger[] claimed;

    private final AtomicInteger finished = new AtomicInteger();
    private Task task;
    private Throwable failure;
    private int failedChunk = Integer.MAX_VALUE;

    Job(Task task, int chunks, int threads) {
      this.task = task;
      this.chunks = chunks;
      this.claimed = new AtomicInteger[Math.min(threads, chunks)];
      Arrays.setAll(claimed, share -> new AtomicInteger(start(share)));
    }

    private int start(int share) {
      return (int) ((long) chunks * share / claimed.length);
    }

    void work(int worker) {
      for (int i = 0; i < claimed.length; i++) {
        work((worker + i) % claimed.length, worker);
      }
    }

    private void work(int share, int worker) {
      int end = start(share + 1);
      int chunk;
      while ((chunk = claimed[share].getAndIncrement()) < end) {
        try {
          task.run(chunk, worker);
        } catch (Throwable e) {
          // Whatever it is: a chunk that is never finished would be waited for without end.
          fail(e, chunk);
        }
        finished.incrementAndGet();
      }
    }

    /** Keeps the first chunk's failure, whoever comes first. */
    private synchronized void fail(Throwable e, int chunk) {
      if (chunk < failedChunk) {
        failedChunk = chunk;
        failure = e;
      }
    }

    /** Waits for chunks that others have claimed; then lets go of the task and its arrays. */
    void await() {
      for (int i = 0; finished.get() < chunks; i++) {
        if (i < PATIENCE) {
          Thread.onSpinWait();
        } else {
          Thread.yield();
        }
      }
      task = null;
    }

    synchronized void rethrow() {
      switch (failure) {
        case null -> {}
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        default -> throw new AssertionError(failure);
      }
    }
  }

  /** A thread and whether it sleeps. */
  private static final class Worker {
    private Thread thread;
    private volatile boolean parked;
  }

  private final ThreadFactory threads;
  private Worker[] others;
  private boolean started;
  private boolean busy;
  private volatile Job job;
  private volatile boolean closed;

  /**
   * Plans for so many threads.
   *
   * @param count including the calling thread
   */
  Workers(int count) {
    this(count, Thread.ofPlatform().daemon().name("talweg-cpu-", 1).factory());
  }

  /** As above, with threads of another kind. */
  Workers(int count, ThreadFactory threads) {
    this.others = new Worker[count - 1];
    this.threads = threads;
  }

  /** Number of threads that do work, the calling one included. */
  int count() {
    return others.length + 1;
  }

  /** Does all chunks and returns when the last one is done. Not to be called from a task. */
  void run(int chunks, Task task) {
    assert !busy : "a task handed over work";
    assert !closed : "used after close";
    if (chunks <= 1 || others.length == 0) {
      for (int chunk = 0; chunk < chunks; chunk++) {
        task.run(chunk, 0);
      }
      return;
    }
    busy = true;
    try {
      handOver(new Job(task, chunks, count()));
    } finally {
      busy = false;
    }
  }

  private void handOver(Job mine) {
    start();
    job = mine;
    for (int i = 0; i < Math.min(mine.chunks - 1, others.length); i++) {
      if (others[i].parked) {
        LockSupport.unpark(others[i].thread);
      }
    }
    mine.work(0);
    mine.await();
    mine.rethrow();
  }

  private void start() {
    if (started) {
      return;
    }
    started = true;
    for (int i = 0; i < others.length; i++) {
      int number = i + 1;
      Worker worker = new Worker();
      worker.thread = threads.newThread(() -> loop(worker, number));
      try {
        worker.thread.start();
      } catch (OutOfMemoryError e) {
        // The system has no more threads for us. The results are the same with fewer.
        LOG.warn(
            "cpu: {} threads instead of {}: {}; ask for fewer, or allow this user more processes",
            number,
            count(),
            e.getMessage());
        others = Arrays.copyOf(others, i);
        return;
      }
      others[i] = worker;
    }
  }

  private void loop(Worker self, int number) {
    Job last = null;
    while (!closed) {
      Job next = await(self, last);
      if (next != last) {
        next.work(number);
        last = next;
      }
    }
  }

  /** The next job, or {@code last} after a wake-up without one. */
  private Job await(Worker self, Job last) {
    for (int i = 0; i < SPINS; i++) {
      Job next = job;
      if (next != last) {
        return next;
      }
      Thread.onSpinWait();
    }
    // Announced first, checked again after: a job that comes in between is seen here or wakes us.
    self.parked = true;
    if (job == last && !closed) {
      LockSupport.park(this);
    }
    self.parked = false;
    return job;
  }

  /** Ends the threads. */
  @Override
  public void close() {
    closed = true;
    if (!started) {
      return;
    }
    boolean interrupted = false;
    for (Worker worker : others) {
      LockSupport.unpark(worker.thread);
      try {
        worker.thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
