package talweg.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Where NVIDIA's cuBLAS may lie: it is part of the toolkit, not of the driver. */
final class CublasFiles {
  /** A file, or a folder of it; then nothing else is looked at. */
  static final String PROPERTY = "talweg.cublas";

  /** Versions that we can use, best first. */
  private static final List<Integer> VERSIONS = List.of(13, 12, 11);

  /** Where toolkits and distributions put libraries, as patterns below the root. */
  private static final List<String> FOLDERS =
      List.of(
          "usr/local/cuda/lib64",
          "usr/local/cuda-*/lib64",
          "usr/local/cuda*/targets/x86_64-linux/lib",
          "opt/cuda/lib64",
          "usr/lib/x86_64-linux-gnu",
          "usr/lib64",
          "usr/lib/cuda/lib64");

  /** Where Python keeps its packages, below its own folder. */
  private static final List<String> PACKAGES =
      List.of(
          "lib/python3*/site-packages", "lib/python3*/dist-packages", "lib/python3/dist-packages");

  /** Where pip's packages nvidia-cublas and nvidia-cublas-cu12 keep the library. */
  private static final List<String> WHEELS = List.of("nvidia/cu13/lib", "nvidia/cublas/lib");

  private final boolean windows;
  private final String asked;
  private final Path root;
  private final UnaryOperator<String> environment;

  /**
   * What there is to search.
   *
   * @param asked value of the property, or null
   * @param root of the file system
   * @param environment gives variables, or null
   */
  CublasFiles(boolean windows, String asked, Path root, UnaryOperator<String> environment) {
    this.windows = windows;
    this.asked = asked;
    this.root = root;
    this.environment = environment;
  }

  static CublasFiles ofThisMachine() {
    return new CublasFiles(
        System.getProperty("os.name").startsWith("Windows"),
        System.getProperty(PROPERTY),
        Path.of("/"),
        System::getenv);
  }

  /** Names and files to try in this order; those with a folder exist. */
  List<String> candidates() {
    SequencedSet<String> found = new LinkedHashSet<>();
    if (asked != null) {
      addAsked(found);
      return List.copyOf(found);
    }
    for (int version : VERSIONS) {
      found.add(name(version));
    }
    for (int version : VERSIONS) {
      for (Path folder : folders()) {
        Path file = folder.resolve(name(version));
        if (Files.isRegularFile(file)) {
          found.add(file.toString());
        }
      }
    }
    return List.copyOf(found);
  }

  /** The first file of one version that exists. */
  Optional<Path> find(int version) {
    return candidates().stream()
        .map(Path::of)
        .filter(file -> file.isAbsolute() && file.endsWith(name(version)))
        .findFirst();
  }

  /** What is looked at, for people. */
  String places() {
    return asked != null
        ? "-D" + PROPERTY + "=" + asked
        : "the system's library folders, LD_LIBRARY_PATH, CUDA_HOME, /usr/local/cuda*, the folders"
            + " of distributions, and of pip under VIRTUAL_ENV, CONDA_PREFIX, the python3 in"
            + " PATH, ~/.local, /usr/local and /usr";
  }

  private void addAsked(SequencedSet<String> found) {
    Path path = Path.of(asked);
    if (!Files.isDirectory(path)) {
      found.add(path.toAbsolutePath().toString());
      return;
    }
    for (int version : VERSIONS) {
      Path file = path.resolve(name(version));
      if (Files.isRegularFile(file)) {
        found.add(file.toAbsolutePath().toString());
      }
    }
  }

  private String name(int version) {
    return windows ? "cublas64_" + version + ".dll" : "libcublas.so." + version;
  }

  private List<Path> folders() {
    List<Path> folders = new ArrayList<>();
    for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) {
      String home = environment.apply(variable);
      if (home != null) {
        folders.add(Path.of(home).resolve(windows ? "bin" : "lib64"));
      }
    }
    if (windows) {
      return folders;
    }
    String searched = environment.apply("LD_LIBRARY_PATH");
    if (searched != null) {
      for (String folder : searched.split(":")) {
        folders.add(Path.of(folder));
      }
    }
    for (String pattern : FOLDERS) {
      folders.addAll(matching(root, pattern));
    }
    for (Path python : pythons()) {
      for (String packages : PACKAGES) {
        for (Path folder : matching(python, packages)) {
          WHEELS.forEach(wheel -> folders.add(folder.resolve(wheel)));
        }
      }
    }
    return folders;
  }

  private List<Path> pythons() {
    List<Path> pythons = new ArrayList<>();
    for (String variable : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
      String prefix = environment.apply(variable);
      if (prefix != null) {
        pythons.add(Path.of(prefix));
      }
    }
    pythons.addAll(pythonsOnPath());
    String home = environment.apply("HOME");
    if (home != null) {
      pythons.add(Path.of(home, ".local"));
    }
    pythons.add(root.resolve("usr/local"));
    pythons.add(root.resolve("usr"));
    return pythons;
  }

  /** Those that a shell would start, as in container images whose variables say nothing. */
  private List<Path> pythonsOnPath() {
    String path = environment.apply("PATH");
    if (path == null) {
      return List.of();
    }
    return Stream.of(path.split(":"))
        .map(Path::of)
        .filter(bin -> bin.isAbsolute() && Files.exists(bin.resolve("python3")))
        .map(Path::getParent)
        .filter(Objects::nonNull)
        .toList();
  }

  /** Existing folders that a pattern with stars names, the greatest name first. */
  private static List<Path> matching(Path base, String pattern) {
    List<Path> found = List.of(base);
    for (String part : pattern.split("/")) {
      List<Path> next = new ArrayList<>();
      for (Path folder : found) {
        next.addAll(children(folder, part));
      }
      found = next;
    }
    return found;
  }

  private static List<Path> children(Path folder, String pattern) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<Path> children = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, pattern)) {
      stream.forEach(children::add);
    } catch (IOException | UncheckedIOException | java.nio.file.DirectoryIteratorException _) {
      // A folder that cannot be read holds nothing that could be loaded.
      return List.of();
    }
    children.removeIf(child -> !Files.isDirectory(child));
    children.sort((x, y) -> y.compareTo(x));
    return children;
  }
}
