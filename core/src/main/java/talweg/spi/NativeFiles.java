package talweg.spi;

import java.io.IOException;
import java.io.InputStream;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Unpacks native libraries from jars into a folder of this user's, once for each version: {@code
 * $XDG_CACHE_HOME/talweg} or {@code ~/.cache/talweg}, or where {@code -Dtalweg.cache} says. Nobody
 * else may write there.
 */
public final class NativeFiles {
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
   * Unpacks a large file with changes that keep its size. One that is there already in that size is
   * taken for what an earlier run unpacked; it was moved there whole.
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
      if (!Files.exists(file) || Files.size(file) != source.getContentLengthLong()) {
        write(edit.apply(content(source)), file);
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

  private static void write(byte[] content, Path file) throws IOException {
    Path temporary = Files.createTempFile(file.getParent(), "unpacking", null);
    Files.write(temporary, content);
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static Path privateFolder(String name) throws IOException {
    Path cache = cache();
    Path folder = cache.resolve(name);
    Files.createDirectories(folder);
    if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwx------"));
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
