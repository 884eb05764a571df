package talweg.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.InvalidPathException;
import talweg.error.BackendUnavailableException;
import talweg.error.CheckpointException;
import talweg.error.DataFormatException;
import talweg.error.DataMismatchException;
import talweg.error.InputNotFoundException;
import talweg.error.ReadFailedException;

/** Exit codes of the command line; those above 2 follow sysexits.h. */
final class ExitCode {
  static final int DONE = 0;
  static final int FAILED = 1;
  static final int USAGE = 2;
  static final int BAD_DATA = 65;
  static final int NO_INPUT = 66;
  static final int UNAVAILABLE = 69;
  static final int IO_ERROR = 74;

  private ExitCode() {}

  static int of(Throwable error) {
    return switch (error) {
      case UsageException _, InvalidPathException _ -> USAGE;
      case DataFormatException _, DataMismatchException _ -> BAD_DATA;
      case InputNotFoundException _ -> NO_INPUT;
      case BackendUnavailableException _ -> UNAVAILABLE;
      case CheckpointException _, ReadFailedException _, UncheckedIOException _, IOException _ ->
          IO_ERROR;
      default -> FAILED;
    };
  }
}
