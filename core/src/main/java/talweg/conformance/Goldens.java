package talweg.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import talweg.error.DataFormatException;
import talweg.error.InputNotFoundException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Finds and reads golden vectors: JSON files in folders by area, in a directory or a zip file. */
public final class Goldens {
  /** The glob that takes every case. */
  public static final String ALL = "*/*";

  private static final String MANIFEST = "MANIFEST.json";

  private Goldens() {}

  /**
   * Reads the cases below a directory, sorted by area and name.
   *
   * @param directory a set, e.g. {@code goldens/public}, or a folder above or inside one
   * @param glob which cases: matched against {@code area/case}, or, without a slash, against either
   *     part
   * @throws InputNotFoundException if there is no such directory, or no case in it that the glob
   *     takes
   * @throws DataFormatException if a file is not a golden vector; the message leads with the file
   */
  public static List<GoldenCase> load(Path directory, String glob) {
    if (!Files.isDirectory(directory)) {
      throw new InputNotFoundException(
          directory
              + ": no such directory; expected a folder of golden vectors, e.g. goldens/public");
    }
    List<GoldenCase> cases = new ArrayList<>();
    try (Stream<Path> walk = Files.walk(directory)) {
      for (Path file : (Iterable<Path>) walk.sorted()::iterator) {
        if (isCase(file.getFileName().toString()) && Files.isRegularFile(file)) {
          try (InputStream in = Files.newInputStream(file)) {
            cases.add(read(file.toString(), in));
          }
        }
      }
    } catch (IOException e) {
      throw new DataFormatException(directory + ": cannot be read: " + e.getMessage(), e);
    }
    return selected(directory.toString(), cases, glob);
  }

  /**
   * Reads the cases of a zip file, sorted by area and name.
   *
   * @param name the file's name, for messages
   */
  public static List<GoldenCase> load(String name, InputStream zip, String glob) {
    List<GoldenCase> cases = new ArrayList<>();
    try (ZipInputStream in = new ZipInputStream(zip)) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        if (isCase(Path.of(entry.getName()).getFileName().toString())) {
          // The parser closes what it reads from, so it gets a copy.
          cases.add(
              read(
                  name + "!" + entry.getName(),
                  new java.io.ByteArrayInputStream(in.readAllBytes())));
        }
      }
    } catch (IOException e) {
      throw new DataFormatException(name + ": cannot be read: " + e.getMessage(), e);
    }
    return selected(name, cases, glob);
  }

  private static boolean isCase(String fileName) {
    return fileName.endsWith(".json") && !fileName.equals(MANIFEST);
  }

  private static GoldenCase read(String file, InputStream in) {
    JsonNode root;
    try {
      root = JsonMapper.shared().readTree(in);
    } catch (JacksonException e) {
      throw new DataFormatException(
          String.format(
              Locale.ROOT,
              "%s: not valid JSON at line %d: %s",
              file,
              e.getLocation().getLineNr(),
              e.getOriginalMessage()),
          e);
    }
    if (!root.isObject()) {
      throw new DataFormatException(
          file + ": expected a JSON object with the fields of a golden vector");
    }
    return new GoldenCase(new Field(file, root));
  }

  private static List<GoldenCase> selected(String source, List<GoldenCase> all, String glob) {
    if (all.isEmpty()) {
      throw new InputNotFoundException(
          source
              + ": no golden vectors (*.json) found; expected folders like autodiff and"
              + " optimizers");
    }
    PathMatcher matcher = matcher(glob);
    boolean parts = glob.indexOf('/') < 0;
    List<GoldenCase> taken =
        all.stream()
            .filter(c ->
                parts
                    ? matcher.matches(Path.of(c.name())) || matcher.matches(Path.of(c.area()))
                    : matcher.matches(Path.of(c.area(), c.name())))
            .sorted(Comparator.comparing(GoldenCase::id))
            .toList();
    if (taken.isEmpty()) {
      throw new InputNotFoundException(
          String.format(
              Locale.ROOT,
              "%s: none of the %d cases matches \"%s\"; a pattern looks like autodiff/* or */adam*",
              source,
              all.size(),
              glob));
    }
    return taken;
  }

  private static PathMatcher matcher(String glob) {
    try {
      return FileSystems.getDefault().getPathMatcher("glob:" + glob);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("case pattern \"" + glob + "\": " + e.getDescription(), e);
    }
  }
}
