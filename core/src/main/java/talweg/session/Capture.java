package talweg.session;

import talweg.spi.Replay;

/**
 * A recorded sequence of device work, made by {@link Session#capture}. It keeps the memory that the
 * work uses, so that a replay finds it untouched; tensors computed inside the captured body show
 * the results of the latest replay, as long as their scope is open.
 */
public final class Capture implements AutoCloseable {
  private final Session session;
  private final Replay replay;
  private final MemoryPool pool;

  Capture(Session session, Replay replay, MemoryPool pool) {
    this.session = session;
    this.replay = replay;
    this.pool = pool;
  }

  /** Does the recorded work again. */
  public void replay() {
    session.requireOpen();
    replay.run();
  }

  MemoryPool pool() {
    return pool;
  }

  /** Returns the memory that was kept; the capture cannot be replayed any more. */
  @Override
  public void close() {
    pool.trim();
  }
}
