package talweg.cpu;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import talweg.spi.NativeFiles;

/** The libraries of the openblas jar, as files of our own. */
final class OpenBlasFiles {
  /** The library's version, and that of what is changed inside it: part of the folder's name. */
  static final String VERSION = "openblas-0.3.31-private2";

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

  private OpenBlasFiles() {}

  /**
   * OpenBLAS for this platform, after the libraries that it needs.
   *
   * @throws IOException if the jar for this platform is missing or the files cannot be written
   */
  static List<Path> unpacked() throws IOException {
    String platform = NativeFiles.platform();
    List<Path> files = new ArrayList<>();
    for (String name : names(platform)) {
      // Some platforms link the compiler's run-time libraries into OpenBLAS itself.
      NativeFiles.unpack(
              ROOT + platform + "/" + name,
              VERSION + "-" + platform,
              file -> file.replace(PUBLIC_NAME, PRIVATE_NAME),
              OpenBlasFiles::renamed)
          .ifPresent(files::add);
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
}
