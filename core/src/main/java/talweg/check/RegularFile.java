package talweg.check;

import java.nio.file.Files;
import java.nio.file.Path;
import talweg.error.InputNotFoundException;

/**
 * Refuses what is there but no regular file: opening a pipe waits for whoever writes to it, a
 * device may have no end, and neither can be read twice.
 */
public final class RegularFile {
  private RegularFile() {}

  /**
   * Checks a path, following links; one that does not exist passes, for whoever opens it to say so.
   *
   * @param expected what it should be, such as {@code a safetensors file}
   * @throws InputNotFoundException naming what it is
   */
  public static void require(Path file, String expected) {
    if (!Files.exists(file) || Files.isRegularFile(file)) {
      return;
    }
    throw new InputNotFoundException(
        "%s: expected %s, got %s; name the file itself"
            .formatted(
                file, expected, Files.isDirectory(file) ? "a folder" : "a pipe or a device"));
  }
}
