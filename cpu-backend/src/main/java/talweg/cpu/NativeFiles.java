package talweg.cpu;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Unpacks native libraries from jars into a temporary folder of this process. */
final class NativeFiles {
  private static final String ROOT = "/org/bytedeco/openblas/";

  /** Libraries in loading order: each one's dependencies come before it. */
  private static final List<String> LINUX =
      List.of("libquadmath.so.0", "libgcc_s.so.1", "libgfortran.so.5", "libopenblas.so.0");

  private static final List<String> MACOS =
      List.of(
          "libgcc_s.1.1.dylib", "libquadmath.0.dylib", "libgfortran.dylib", "libopenblas.0.dylib");

  private static final List<String> WINDOWS = List.of("libopenblas.dll");

  private NativeFiles() {}

  /**
   * OpenBLAS for this platform, with the libraries that it needs before it.
   *
   * @throws IOException if the jar for this platform is missing or the files cannot be written
   */
  static List<Path> openBlas() throws IOException {
    String platform = platform();
    List<String> names =
        platform.startsWith("linux") ? LINUX : platform.startsWith("macosx") ? MACOS : WINDOWS;
    Path folder = Files.createTempDirectory("talweg-openblas-");
    List<Path> files = new ArrayList<>();
    for (String name : names) {
      byte[] content = read(ROOT + platform + "/" + name);
      if (content == null) {
        // Some platforms link the compiler's run-time libraries into OpenBLAS.
        continue;
      }
      Path file = folder.resolve(name.replace("openblas", PRIVATE));
      Files.write(file, privately(content));
      file.toFile().deleteOnExit();
      files.add(file);
    }
    folder.toFile().deleteOnExit();
    if (files.isEmpty() || !files.getLast().getFileName().toString().contains(PRIVATE)) {
      throw new FileNotFoundException(
          "no OpenBLAS for %s on the class path; expected the jar org.bytedeco:openblas with classifier %s"
              .formatted(platform, platform));
    }
    return files;
  }

  /** As long as the name that it replaces. */
  private static final String PRIVATE = "talwegob";

  /**
   * Renames the library inside its file, too. Dynamic linkers identify a library by that name: with
   * the public one, the next user of OpenBLAS in this process would be given our copy.
   */
  private static byte[] privately(byte[] library) {
    byte[] from = "libopenblas.so.0".getBytes(StandardCharsets.US_ASCII);
    byte[] to = ("lib" + PRIVATE + ".so.0").getBytes(StandardCharsets.US_ASCII);
    for (int i = indexOf(library, from, 0); i >= 0; i = indexOf(library, from, i + 1)) {
      System.arraycopy(to, 0, library, i, to.length);
    }
    return library;
  }

  private static int indexOf(byte[] text, byte[] word, int start) {
    for (int i = start; i <= text.length - word.length; i++) {
      if (text[i] == word[0] && matches(text, word, i)) {
        return i;
      }
    }
    return -1;
  }

  private static boolean matches(byte[] text, byte[] word, int at) {
    for (int j = 1; j < word.length; j++) {
      if (text[at + j] != word[j]) {
        return false;
      }
    }
    return true;
  }

  private static byte[] read(String resource) throws IOException {
    try (InputStream in = ClassLoader.getSystemResourceAsStream(resource.substring(1))) {
      return in == null ? null : in.readAllBytes();
    }
  }

  /** The name that JavaCPP's jars use for this platform, e.g. {@code linux-x86_64}. */
  private static String platform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    String system = os.contains("win") ? "windows" : os.contains("mac") ? "macosx" : "linux";
    String cpu =
        arch.equals("amd64") || arch.equals("x86_64")
            ? "x86_64"
            : arch.equals("aarch64") ? "arm64" : arch;
    return system + "-" + cpu;
  }
}
