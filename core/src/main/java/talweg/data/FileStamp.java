package talweg.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * What tells whether a file is still what it was: size and time of the last change, as a number.
 */
final class FileStamp {
  private static final long GONE = 0;

  private FileStamp() {}

  /** Of a file as it is now; all that are gone have the same. */
  static long of(Path file) {
    try {
      BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
      return 31 * now.lastModifiedTime().toInstant().hashCode() + now.size() + 1;
    } catch (IOException e) {
      return GONE;
    }
  }
}
