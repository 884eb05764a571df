package talweg.cli;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Optional;

/**
 * Standard output whose failures are not lost: a {@link PrintStream} raises none, and says only
 * whether there were some.
 */
final class StandardOutput {
  private static final int BUFFER = 8192;

  /** What the system says where the reader of a pipe has gone, as {@code head} does. */
  private static final String CLOSED_PIPE = "Broken pipe";

  /** The first failure of this process's own standard output, or null. */
  private static volatile IOException failure;

  private StandardOutput() {}

  /** Replaces {@link System#out} by one that keeps the reason of its first failure. */
  static void install() {
    OutputStream descriptor = new Watched(new FileOutputStream(FileDescriptor.out));
    System.setOut(
        new PrintStream(new BufferedOutputStream(descriptor, BUFFER), true, System.out.charset()));
  }

  /**
   * Why something that was written is not out, once all of it has been handed over. A reader that
   * went away is no reason: it has all that it wanted.
   *
   * @param more another writer to the same place
   */
  static Optional<String> lost(PrintWriter more) {
    boolean failed = more.checkError() | System.out.checkError();
    IOException reason = failure;
    if (!failed || reason != null && CLOSED_PIPE.equals(reason.getMessage())) {
      return Optional.empty();
    }
    return Optional.of(
        "standard output could not be written%s; what is there is not all of it: make room, or let it go elsewhere"
            .formatted(reason == null ? "" : ": " + reason.getMessage()));
  }

  /** Writes nothing more after a failure: what comes out has no gaps. */
  private static final class Watched extends OutputStream {
    private final OutputStream target;

    Watched(OutputStream target) {
      this.target = target;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      IOException before = failure;
      if (before != null) {
        throw new IOException(before.getMessage(), before);
      }
      try {
        target.write(bytes, from, length);
      } catch (IOException e) {
        failure = e;
        throw e;
      }
    }
  }
}
