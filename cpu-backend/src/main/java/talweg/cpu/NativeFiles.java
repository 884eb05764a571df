package talweg.cpu;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Unpacks native libraries from jars into a folder of this user's, once for each version: {@code
 * $XDG_CACHE_HOME/talweg} or {@code ~/.cache/talweg}, or where {@code -Dtalweg.cache} says. Nobody
 * else may write there.
 */
final class NativeFiles {
  /** The library's version, and that of what is changed inside it: part of the folder's name. */
  static final String OPENBLAS = "openblas-0.3.31-private2";

  private static final String ROOT = "org/bytedeco/openblas/";
  private static final String PUBLIC_NAME = "openblas";

  /** Of the same length, so that it can take the public name's place inside the file. */
  private static final String PRIVATE_NAME = "talwegob";

  /** Libraries in loading order: each one's dependencies come before it. */
  private static final List<String> LINUX =
      List.of("libquadmath.so.0", "libgcc_s.so.1", "libgfortran.so.5", "libopenblas.so.0");

  private static final List<String> MACOS =
      List.of(
          "libgcc_s.1.1.dylib", "libquadmath.0.dylib", "libgfortran.dylib", "libopenblas.0.dylib");

  private static final List<String> WINDOWS = List.of("libopenblas.dll");

  private NativeFiles() {}

  /**
   * OpenBLAS for this platform, after the libraries that it needs.
   *
   * @throws IOException if the jar for this platform is missing or the files cannot be written
   */
  static List<Path> openBlas() throws IOException {
    String platform = platform();
    Path folder = privateFolder(OPENBLAS + "-" + platform);
    List<Path> files = new ArrayList<>();
    for (String name : names(platform)) {
      URLConnection resource = resource(ROOT + platform + "/" + name);
      // Some platforms link the compiler's run-time libraries into OpenBLAS itself.
      if (resource != null) {
        files.add(unpacked(resource, folder.resolve(name.replace(PUBLIC_NAME, PRIVATE_NAME))));
      }
    }
    if (files.isEmpty() || !files.getLast().toString().contains(PRIVATE_NAME)) {
      throw new FileNotFoundException(
          "there is no OpenBLAS for %s on the class path; expected org.bytedeco:openblas with classifier %s"
              .formatted(platform, platform));
    }
    return files;
  }

  private static List<String> names(String platform) {
    return platform.startsWith("linux") ? LINUX : platform.startsWith("macosx") ? MACOS : WINDOWS;
  }

  /**
   * A file of the right size is taken for what an earlier run unpacked; it was moved here whole.
   */
  private static Path unpacked(URLConnection resource, Path file) throws IOException {
    if (Files.exists(file) && Files.size(file) == resource.getContentLengthLong()) {
      return file;
    }
    Path temporary = Files.createTempFile(file.getParent(), "unpacking", null);
    try (InputStream in = resource.getInputStream()) {
      Files.write(temporary, renamed(in.readAllBytes()));
    }
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    return file;
  }

  /**
   * The library under its private name, inside the file, too. Dynamic linkers know a library by the
   * name that it bears there: with the public one, another user of OpenBLAS in this process, such
   * as ND4J, would be given our copy and its setting of one thread. The environment variables that
   * it reads get the private name as well ({@code TALWEGOB_CORETYPE}): those of the public name are
   * often set for the sake of some older build, and would halve the speed of this one.
   */
  private static byte[] renamed(byte[] library) {
    replace(library, "lib" + PUBLIC_NAME + ".", "lib" + PRIVATE_NAME + ".");
    replace(library, variable(PUBLIC_NAME), variable(PRIVATE_NAME));
    return library;
  }

  private static String variable(String name) {
    return name.toUpperCase(Locale.ROOT) + "_";
  }

  private static void replace(byte[] library, String publicText, String privateText) {
    byte[] from = publicText.getBytes(StandardCharsets.US_ASCII);
    byte[] to = privateText.getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i <= library.length - from.length; i++) {
      if (library[i] == from[0] && startsWith(library, i, from)) {
        System.arraycopy(to, 0, library, i, to.length);
      }
    }
  }

  private static boolean startsWith(byte[] text, int at, byte[] word) {
    for (int j = 1; j < word.length; j++) {
      if (text[at + j] != word[j]) {
        return false;
      }
    }
    return true;
  }

  private static URLConnection resource(String name) throws IOException {
    var url = ClassLoader.getSystemResource(name);
    return url == null ? null : url.openConnection();
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

  /** The name that JavaCPP's jars use for this platform, e.g. {@code linux-x86_64}. */
  static String platform() {
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
