package talweg.io;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import talweg.check.Uninterrupted;

/**
 * Writes files that appear complete or not at all, also when the process is killed or the power
 * fails: the content goes to a temporary file in the same folder, is forced to the disk, and takes
 * the name of the target in one move, which is forced to the disk, too. A file that was there
 * before stays until then. Temporary files have names of their own, so that two writers of one file
 * do not mix: the last one's is there whole.
 *
 * <p>A device or a pipe, such as {@code /dev/stdout}, is written to as it is, and where the name is
 * a link, the file that it leads to is replaced. A thread that is interrupted writes all the same,
 * and stays interrupted.
 */
public final class AtomicFile {
  /** Ending of temporary files. */
  public static final String TEMPORARY = ".tmp";

  /** What a temporary file's name has behind the target's; nothing in former versions. */
  private static final Pattern UNIQUE = Pattern.compile("(\\.[0-9a-f]{16})?\\.tmp");

  /** Characters of the target's name that a temporary file's begins with. */
  private static final int LONGEST_BEGINNING = 50;

  private AtomicFile() {}

  /** Writes the content; from its beginning again where an interrupt broke it off. */
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

  /** Writes or replaces a file by a text in UTF-8, as {@link #write}. */
  public static void writeString(Path file, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    write(
        file,
        channel -> {
          ByteBuffer rest = ByteBuffer.wrap(bytes);
          while (rest.hasRemaining()) {
            channel.write(rest);
          }
        });
  }

  /**
   * Deletes the temporary files that a killed process left in a folder.
   *
   * @param isTarget whether a name is one that is written here
   */
  public static void clean(Path folder, Predicate<String> isTarget) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        String target = UNIQUE.matcher(name).replaceFirst("");
        if (name.endsWith(TEMPORARY) && isTarget.test(target)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private static void writeOnce(Path file, Body body) throws IOException {
    Path target = file.toAbsolutePath();
    if (Files.exists(target) && !Files.isRegularFile(target) && !Files.isDirectory(target)) {
      try (FileChannel channel = FileChannel.open(target, StandardOpenOption.WRITE)) {
        body.write(channel);
      }
      return;
    }
    if (Files.isSymbolicLink(target) && Files.exists(target)) {
      target = target.toRealPath();
    }
    Path folder = target.getParent();
    createFolder(folder);
    Path temporary = target.resolveSibling(unique(target.getFileName().toString()));
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
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

  /** A name of its own, and no longer than names may be. */
  private static String unique(String name) {
    int length = Math.min(name.length(), LONGEST_BEGINNING);
    if (length > 0 && Character.isHighSurrogate(name.charAt(length - 1))) {
      length--;
    }
    return String.format(
        Locale.ROOT,
        "%s.%016x%s",
        name.substring(0, length),
        ThreadLocalRandom.current().nextLong(),
        TEMPORARY);
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
