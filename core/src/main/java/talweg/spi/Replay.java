package talweg.spi;

/** A recorded sequence of backend work, see {@link Backend#capture}. */
@FunctionalInterface
public interface Replay {
  /** Runs the recorded work again. */
  void run();
}
