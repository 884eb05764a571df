package talweg.io;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;

/**
 * Work on channels that an interrupt of the thread must not break off: it closes whatever channel
 * the thread is using. The thread is interrupted again when the work is done.
 */
final class Uninterrupted {
  private Uninterrupted() {}

  /** Something that uses a channel. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws IOException;
  }

  /** Does the work, from its beginning again if an interrupt breaks it off. */
  static <T> T run(Work<T> work) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try {
          return work.run();
        } catch (ClosedByInterruptException e) {
          interrupted |= Thread.interrupted();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
