package talweg.io;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import talweg.check.Uninterrupted;

/**
 * Writes files that appear complete or not at all, also when the process is killed or the power
 * fails: the content goes to a temporary file in the same folder, is forced to the disk, and takes
 * the name of the target in one move, which is forced to the disk, too. A file that was there
 * before stays until then.
 */
public final class AtomicFile {
  /** Ending of temporary files; what a killed process left of them may be deleted. */
  public static final String TEMPORARY = ".tmp";

  private AtomicFile() {}

  /** Writes the content. */
  @FunctionalInterface
  public interface Body {
    void write(FileChannel channel) throws IOException;
  }

  /**
   * Writes or replaces a file; makes its folder. An interrupt of the thread does not end it: then
   * the body is run once more.
   *
   * @throws IOException if it cannot be written; then the target is what it was before
   */
  public static void write(Path file, Body body) throws IOException {
    Uninterrupted.run(() -> {
      writeOnce(file, body);
      return null;
    });
  }

  private static void writeOnce(Path file, Body body) throws IOException {
    Path target = file.toAbsolutePath();
    Path folder = target.getParent();
    createFolder(folder);
    Path temporary = target.resolveSibling(target.getFileName() + TEMPORARY);
    try {
      try (FileChannel channel =
          FileChannel.open(
              temporary,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        body.write(channel);
        channel.force(true);
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException | RuntimeException e) {
      discard(temporary, e);
      throw e;
    }
    forceFolder(folder);
  }

  /** As {@link Files#createDirectories}, but what it makes lasts. */
  private static void createFolder(Path folder) throws IOException {
    Path parent = folder.getParent();
    if (Files.isDirectory(folder) || parent == null) {
      return;
    }
    createFolder(parent);
    Files.createDirectories(folder);
    forceFolder(parent);
  }

  /** Forces a folder's entries to the disk, so that moves and deletions in it last. */
  static void forceFolder(Path folder) throws IOException {
    if (File.separatorChar == '\\') {
      // Windows cannot open a folder; NTFS logs moves.
      return;
    }
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static void discard(Path temporary, Exception cause) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }
}
