package talweg.kernels;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The kernels' CUDA sources: modules by name, and what each is made from. */
final class CudaSources {
  private static final Pattern INCLUDE = Pattern.compile("(?m)^\\s*#include \"([^\"]+)\"");

  private final Path root;

  /** Sources below {@code kernels/src/main/cuda}. */
  CudaSources(Path root) {
    this.root = root;
  }

  Path root() {
    return root;
  }

  /** Every {@code <family>/<name>.cu} by its name, which is the module's and has to be unique. */
  SortedMap<String, Path> modules() throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(root)) {
      files = walk.filter(file -> file.toString().endsWith(".cu")).sorted().toList();
    }
    SortedMap<String, Path> modules = new TreeMap<>();
    for (Path file : files) {
      String name = String.valueOf(file.getFileName()).replaceFirst("\\.cu$", "");
      Path other = modules.put(name, file);
      if (other != null) {
        throw new IOException(file + ": module " + name + " is also made from " + other);
      }
    }
    return modules;
  }

  /** The file itself and all headers of ours that it includes, in the order of their names. */
  SortedSet<Path> closure(Path file) throws IOException {
    SortedSet<Path> found = new TreeSet<>();
    collect(file.normalize(), found);
    return found;
  }

  private void collect(Path file, SortedSet<Path> found) throws IOException {
    if (!found.add(file)) {
      return;
    }
    for (Matcher include = INCLUDE.matcher(text(file)); include.find(); ) {
      Path beside = file.resolveSibling(include.group(1)).normalize();
      Path named = Files.exists(beside) ? beside : root.resolve(include.group(1)).normalize();
      if (!Files.exists(named)) {
        throw new IOException(file + ": includes " + include.group(1) + ", which is not there");
      }
      collect(named, found);
    }
  }

  /** SHA-256 over names and contents of what a module is made from, and of {@code options}. */
  String hash(Path file, String options) throws IOException {
    MessageDigest digest = sha256();
    for (Path source : closure(file)) {
      String name = root.relativize(source).toString().replace('\\', '/');
      digest.update((name + "\n" + text(source) + "\n").getBytes(StandardCharsets.UTF_8));
    }
    digest.update(options.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(digest.digest());
  }

  /** The text with the line ends that are checked in. */
  static String text(Path file) throws IOException {
    return Files.readString(file).replace("\r\n", "\n");
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
