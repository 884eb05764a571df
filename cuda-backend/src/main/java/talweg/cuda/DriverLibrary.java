package talweg.cuda;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jcuda.JCudaVersion;
import jcuda.driver.JCudaDriver;
import talweg.error.BackendUnavailableException;
import talweg.spi.NativeFiles;

/**
 * The driver's library, and JCuda bound to it. Nothing here touches a class of JCuda before the
 * library was found: those classes stay unusable for good once they failed to load.
 */
final class DriverLibrary {
  /** Names another library in place of the system's driver, for tests. */
  static final String PROPERTY = "talweg.cuda.driver";

  private DriverLibrary() {}

  /** The name or file that is looked for. */
  static String name() {
    boolean windows = System.getProperty("os.name").startsWith("Windows");
    return System.getProperty(PROPERTY, windows ? "nvcuda.dll" : "libcuda.so.1");
  }

  /**
   * Opens the driver's library.
   *
   * @throws BackendUnavailableException if there is none
   */
  @SuppressWarnings("restricted") // a native binding
  static SymbolLookup open() {
    String name = name();
    try {
      // For as long as the JVM lives: the driver has threads of its own.
      return isFile(name)
          ? SymbolLookup.libraryLookup(Path.of(name), Arena.global())
          : SymbolLookup.libraryLookup(name, Arena.global());
    } catch (IllegalArgumentException e) {
      throw new BackendUnavailableException(missing(name), e);
    }
  }

  /** What was found, with the driver's own version where the system tells it. */
  static String describe() {
    try {
      String version = Files.readString(Path.of("/proc/driver/nvidia/version"));
      Matcher number = Pattern.compile("\\d+\\.\\d+(\\.\\d+)?").matcher(version);
      return number.find() ? name() + ", version " + number.group() : name();
    } catch (IOException _) {
      return name();
    }
  }

  private static String missing(String name) {
    return isFile(name)
        ? "no NVIDIA driver: %s, which -D%s names, cannot be loaded; give another file, or leave it to the system"
            .formatted(name, PROPERTY)
        : "no NVIDIA driver: %s is not among the system's libraries%s; install NVIDIA's driver (in a container, start it with --gpus all), or use the backend cpu"
            .formatted(name, alsoSearched());
  }

  private static String alsoSearched() {
    String path = System.getenv("LD_LIBRARY_PATH");
    return path == null || path.isEmpty() ? "" : " or in LD_LIBRARY_PATH (" + path + ")";
  }

  /**
   * Loads JCuda's native part, from a private file. It uses the driver that {@link #open} has
   * loaded before: the linker knows that by the name that JCuda asks for. May be called any number
   * of times.
   *
   * @return JCuda's file
   * @throws BackendUnavailableException if there are no natives for this platform
   */
  static Path bindJCuda() {
    synchronized (DriverLibrary.class) {
      Path file = natives("JCudaDriver");
      try {
        initialize(file, () -> JCudaDriver.setExceptionsEnabled(true));
        return file;
      } catch (LinkageError e) {
        throw new BackendUnavailableException(
            "%s does not load: %s; use the backend cpu".formatted(file, firstLine(e)), e);
      }
    }
  }

  /**
   * Initialises a class of JCuda. It unpacks its library into the folder for temporary files, under
   * a fixed name, and trusts what it finds there. It looks up where that is when its class is
   * initialised: then, and only then, it is shown our own folder, where the checked file lies
   * already.
   *
   * @param file its library, as {@link #natives} gave it
   * @param use whatever touches the class
   */
  static void initialize(Path file, Runnable use) {
    String before = System.setProperty("java.io.tmpdir", file.getParent().toString());
    try {
      use.run();
    } finally {
      System.setProperty("java.io.tmpdir", before);
    }
  }

  /**
   * One of JCuda's native libraries, unpacked.
   *
   * @param library its name
   * @throws BackendUnavailableException if there is none for this platform
   */
  static Path natives(String library) {
    String platform = NativeFiles.platform();
    String versioned = library + "-" + JCudaVersion.get() + "-" + platform;
    String resource = "lib/" + System.mapLibraryName(versioned);
    try {
      return NativeFiles.unpack(resource, versioned)
          .orElseThrow(() ->
              new BackendUnavailableException(
                  "JCuda has no native library for %s on the class path (looked for %s in jcuda-natives, which exist for linux-x86_64 and windows-x86_64); use the backend cpu"
                      .formatted(platform, resource)));
    } catch (IOException e) {
      throw new BackendUnavailableException(
          "%s cannot be unpacked: %s; set -Dtalweg.cache to a folder that can be written"
              .formatted(resource, e),
          e);
    }
  }

  private static boolean isFile(String name) {
    return name.indexOf('/') >= 0 || name.indexOf('\\') >= 0;
  }

  private static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
  }
}
