package talweg.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import picocli.CommandLine.TypeConversionException;

/** Paths on the command line. */
final class PathFlag {
  private PathFlag() {}

  /** The value of a flag. */
  static Path of(String text) {
    if (text.isBlank()) {
      throw new TypeConversionException("expected a path, got an empty text");
    }
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new TypeConversionException(describe(e));
    }
  }

  /** What is wrong with a path, and what to do. */
  static String describe(InvalidPathException error) {
    String path = error.getInput();
    boolean ascii = path.chars().allMatch(c -> c < 0x80);
    return ascii
        ? "expected a path, got \"%s\": %s".formatted(path, error.getReason())
        : "expected a path that can be written in this locale, got \"%s\"; set LC_ALL=C.UTF-8"
            .formatted(path);
  }
}
