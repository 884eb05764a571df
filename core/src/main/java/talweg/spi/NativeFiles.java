package talweg.spi;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLConnection;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * Unpacks native libraries from jars into a folder of this user's, once for each version: {@code
 * $XDG_CACHE_HOME/talweg} or {@code ~/.cache/talweg}, or where {@code -Dtalweg.cache} says. Nobody
 * else may write into what is unpacked there.
 */
public final class NativeFiles {
  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");

  private static final int LONGEST_NOTE = 200;

  private NativeFiles() {}

  /**
   * Unpacks a file as it is. One that is there already is compared with it.
   *
   * @param resource name on the class path
   * @param folder name in the cache, with the library's version
   * @return the file, or nothing if there is no such resource
   * @throws IOException if the file cannot be written
   */
  public static Optional<Path> unpack(String resource, String folder) throws IOException {
    URLConnection source = find(resource);
    if (source == null) {
      return Optional.empty();
    }
    byte[] content = content(source);
    try {
      Path file = target(resource, folder, UnaryOperator.identity());
      if (!Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), content)) {
        write(content, file);
      }
      return Optional.of(file);
    } catch (IOException e) {
      throw failed(resource, e);
    }
  }

  /**
   * Unpacks a large file with changes that keep its size. One that is there already is used if it
   * has the size and the checksum that were noted when it was unpacked; a damaged one is unpacked
   * again.
   *
   * @param name gives the file's name, from the resource's
   * @param edit gives the file's content, from the resource's
   */
  public static Optional<Path> unpack(
      String resource, String folder, UnaryOperator<String> name, UnaryOperator<byte[]> edit)
      throws IOException {
    URLConnection source = find(resource);
    if (source == null) {
      return Optional.empty();
    }
    try {
      Path file = target(resource, folder, name);
      Path note = file.resolveSibling(file.getFileName() + ".sum");
      if (!isAsNoted(file, note, source.getContentLengthLong())) {
        heal(edit.apply(content(source)), file, note);
      }
      return Optional.of(file);
    } catch (IOException e) {
      throw failed(resource, e);
    }
  }

  /** Exceptions of files often have nothing but the file's name as their message. */
  private static IOException failed(String resource, IOException e) {
    return new IOException(
        "cannot unpack %s: %s; name a folder that can be written by -Dtalweg.cache=FOLDER"
            .formatted(resource.substring(resource.lastIndexOf('/') + 1), e),
        e);
  }

  private static URLConnection find(String resource) throws IOException {
    var url = ClassLoader.getSystemResource(resource);
    return url == null ? null : url.openConnection();
  }

  private static byte[] content(URLConnection source) throws IOException {
    try (InputStream in = source.getInputStream()) {
      return in.readAllBytes();
    }
  }

  private static Path target(String resource, String folder, UnaryOperator<String> name)
      throws IOException {
    String file = resource.substring(resource.lastIndexOf('/') + 1);
    return privateFolder(folder).resolve(name.apply(file));
  }

  private static boolean isAsNoted(Path file, Path note, long size) throws IOException {
    return Files.isRegularFile(file)
        && Files.size(file) == size
        && Files.isRegularFile(note)
        && Files.size(note) < LONGEST_NOTE
        && Files.readString(note, StandardCharsets.ISO_8859_1).equals(note(file));
  }

  /** Whatever happens between the two, the note then does not fit, or is not there. */
  private static void heal(byte[] content, Path file, Path note) throws IOException {
    String wanted = note(new ByteArrayInputStream(content));
    boolean whole = Files.isRegularFile(file) && wanted.equals(note(file));
    if (!whole) {
      write(content, file);
    }
    try {
      write(wanted.getBytes(StandardCharsets.US_ASCII), note);
    } catch (IOException e) {
      // The next start compares again, as it has to where a whole file is in a read-only cache.
      if (!whole) {
        throw e;
      }
    }
  }

  private static String note(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return note(in);
    }
  }

  /**
   * Size and two checksums of 32 bits. They are there to notice damage, at every start, for which
   * SHA-256 takes too long; nobody else may write in the folder.
   */
  private static String note(InputStream in) throws IOException {
    CRC32C first = new CRC32C();
    CRC32 second = new CRC32();
    byte[] some = new byte[1 << 16];
    long size = 0;
    for (int n = in.read(some); n >= 0; n = in.read(some)) {
      first.update(some, 0, n);
      second.update(some, 0, n);
      size += n;
    }
    return String.format(
        Locale.ROOT,
        "%d bytes, CRC32C %08x, CRC32 %08x\n",
        size,
        first.getValue(),
        second.getValue());
  }

  /** The content is on the disk before the name is: a loss of power leaves no half file. */
  private static void write(byte[] content, Path file) throws IOException {
    Path temporary = Files.createTempFile(file.getParent(), "unpacking", null);
    try {
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        ByteBuffer rest = ByteBuffer.wrap(content);
        while (rest.hasRemaining()) {
          channel.write(rest);
        }
        channel.force(true);
      }
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /**
   * The library's own folder in the cache, where nobody else may write. A cache that was there
   * before stays as it is: others may use it, too.
   */
  private static Path privateFolder(String name) throws IOException {
    Path folder = cache().toAbsolutePath().resolve(name);
    Path existing = folder;
    while (Files.notExists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    if (!Files.getFileStore(existing).supportsFileAttributeView("posix")) {
      return Files.createDirectories(folder);
    }
    Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(PRIVATE));
    if (!Files.getPosixFilePermissions(folder).equals(PRIVATE)) {
      Files.setPosixFilePermissions(folder, PRIVATE);
    }
    return folder;
  }

  private static Path cache() {
    String told = System.getProperty("talweg.cache");
    if (told != null) {
      return Path.of(told);
    }
    String xdg = System.getenv("XDG_CACHE_HOME");
    return xdg != null && !xdg.isEmpty()
        ? Path.of(xdg, "talweg")
        : Path.of(System.getProperty("user.home"), ".cache", "talweg");
  }

  /** This platform by the names that most jars of natives use, e.g. {@code linux-x86_64}. */
  public static String platform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    String system = os.contains("win") ? "windows" : os.contains("mac") ? "macosx" : "linux";
    return system
        + "-"
        + switch (arch) {
          case "amd64", "x86_64" -> "x86_64";
          case "aarch64" -> "arm64";
          default -> arch;
        };
  }
}
