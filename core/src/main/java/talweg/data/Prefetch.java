package talweg.data;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * Makes batches ahead on a thread of its own while earlier ones are in use: host arrays only, at
 * most {@value #AHEAD} that wait, in the order in which they are asked for. What goes wrong there
 * is thrown where that batch is asked for.
 */
final class Prefetch implements BatchPass {
  private static final int AHEAD = 3;

  /** A batch, or why there is none. */
  private record Loaded(Batch batch, Throwable failure) {}

  private final BlockingQueue<Loaded> ready = new ArrayBlockingQueue<>(AHEAD);
  private final Thread loader;
  private int left;

  Prefetch(Batches batches, int first) {
    left = batches.batchCount() - first;
    Iterator<Batch> source = batches.iterator(first);
    loader = Thread.ofPlatform().daemon().name("talweg-loader").unstarted(() -> load(source));
    loader.start();
  }

  @Override
  public boolean hasNext() {
    return left > 0;
  }

  @Override
  public Batch next() {
    if (left == 0) {
      throw new NoSuchElementException("batches: the pass is over");
    }
    Loaded loaded = take();
    if (loaded.failure != null) {
      left = 0;
      throw rethrow(loaded.failure);
    }
    left--;
    return loaded.batch;
  }

  /** Ends the thread, and waits until it is gone. */
  @Override
  public void close() {
    left = 0;
    loader.interrupt();
    boolean interrupted = false;
    while (loader.isAlive()) {
      try {
        loader.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void load(Iterator<Batch> source) {
    try {
      boolean intact = true;
      while (intact && source.hasNext()) {
        Loaded loaded = loadOne(source);
        intact = loaded.failure == null;
        ready.put(loaded);
      }
    } catch (InterruptedException e) {
      // Closed: nobody waits for another batch.
    }
  }

  /** Nothing is handled here: any failure is handed over to whoever asks for the batch. */
  private static Loaded loadOne(Iterator<Batch> source) {
    try {
      return new Loaded(source.next(), null);
    } catch (Throwable e) {
      return new Loaded(null, e);
    }
  }

  /**
   * An interrupt is left for whoever asks for it: training does not react to it otherwise either.
   */
  private Loaded take() {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return ready.take();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static Error rethrow(Throwable failure) {
    switch (failure) {
      case Error error -> throw error;
      case RuntimeException error -> throw error;
      default -> throw new IllegalStateException(failure);
    }
  }
}
