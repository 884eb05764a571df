package talweg.spi;

/** A recorded sequence of backend work, see {@link Backend#capture}. */
@FunctionalInterface
public interface Replay extends AutoCloseable {
  /** Runs the recorded work again. */
  void run();

  /**
   * Returns what the recording holds; it cannot be run any more. The backend's end does so, too.
   */
  @Override
  default void close() {}
}
