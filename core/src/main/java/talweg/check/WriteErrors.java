package talweg.check;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * What is said of files that cannot be written: what the system answers, and what that asks for.
 */
public final class WriteErrors {
  private WriteErrors() {}

  /** The message for a file that cannot be written. */
  public static String cannotWrite(Path file, IOException e) {
    return "%s: cannot write: %s".formatted(file, reason(e));
  }

  /** The system's answer without the name of a class, and what to do. */
  public static String reason(IOException e) {
    String said = said(e);
    return said + "; " + advice(e, said.toLowerCase(Locale.ROOT));
  }

  private static String said(IOException e) {
    return switch (e) {
      case AccessDeniedException _ -> "permission denied";
      case NoSuchFileException gone -> "there is no " + gone.getFile();
      case ClosedByInterruptException _ -> "the thread was interrupted";
      case FileSystemException failure when failure.getReason() != null -> failure.getReason();
      default -> e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    };
  }

  private static String advice(IOException e, String said) {
    if (e instanceof ClosedByInterruptException) {
      return "write again, on a thread that nobody interrupts";
    }
    if (said.contains("is a directory")) {
      return "a folder has this name: move it away, or choose another one";
    }
    if (said.contains("not a directory")) {
      return "a file is where a folder should be: move it away, or choose another one";
    }
    if (e instanceof NoSuchFileException) {
      return "was the folder removed?";
    }
    if (e instanceof AccessDeniedException || said.contains("read-only")) {
      return "choose a folder that you may write to";
    }
    return said.contains("no space") || said.contains("quota")
        ? "make room on the disk"
        : "is the folder writable and the disk not full?";
  }
}
