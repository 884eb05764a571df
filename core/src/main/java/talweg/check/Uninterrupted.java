package talweg.check;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;

/**
 * File operations that an interrupt does not end: channels close themselves on an interrupted
 * thread, though nothing is wrong with the file. The interrupt is left for whoever asks for it.
 */
public final class Uninterrupted {
  private Uninterrupted() {}

  /** An operation that opens its own files, so that it can be retried. */
  @FunctionalInterface
  public interface Operation<T> {
    T run() throws IOException;
  }

  /** Runs the operation, once more for each interrupt. */
  public static <T> T run(Operation<T> operation) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try {
          return operation.run();
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
