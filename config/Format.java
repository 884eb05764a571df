import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions.Style;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import com.google.googlejavaformat.java.StringWrapper;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * Formats every Java source of the repository with google-java-format, or checks that they are.
 *
 * <p>Run by Maven as a single-file program, in the root: {@code Format.java check|fix REPORT}. What
 * is not right in the end goes to the file REPORT, which is absent if all is well.
 */
final class Format {
  private static final Set<String> SKIPPED = Set.of("target", ".git", ".mvn", "runs");
  private static final Formatter FORMATTER = new Formatter();

  private Format() {}

  private enum Result {
    CLEAN,
    CHANGED,
    BROKEN
  }

  private record Outcome(Path file, Result result, String detail) {}

  public static void main(String[] args) throws IOException {
    if (args.length != 2 || !Set.of("check", "fix").contains(args[0])) {
      throw new IllegalArgumentException("usage: Format.java check|fix REPORT");
    }
    boolean fix = args[0].equals("fix");
    Path report = Path.of(args[1]);
    List<Path> sources = sources(Path.of(""));
    List<Outcome> outcomes =
        sources.parallelStream()
            .map(file -> format(file, fix))
            .filter(outcome -> outcome.result() != Result.CLEAN)
            .sorted(Comparator.comparing(Outcome::file))
            .toList();
    List<String> problems = new ArrayList<>();
    for (Outcome outcome : outcomes) {
      String line = outcome.file() + ": " + outcome.detail();
      if (fix && outcome.result() == Result.CHANGED) {
        System.out.println(line);
      } else {
        problems.add(line);
      }
    }
    Files.deleteIfExists(report);
    if (!problems.isEmpty()) {
      problems.add(
          "%d of %d source files to format. To do it: mvn -N -Pformat process-sources"
              .formatted(problems.size(), sources.size()));
      Files.createDirectories(report.toAbsolutePath().getParent());
      Files.write(report, problems);
    }
  }

  private static Outcome format(Path file, boolean fix) {
    try {
      String before = Files.readString(file);
      String formatted = formatOnce(before.replace("\r\n", "\n"));
      if (formatted.equals(before)) {
        return new Outcome(file, Result.CLEAN, "");
      }
      if (fix) {
        // A wrapped string can take another pass to settle.
        for (int pass = 0; pass < 3; pass++) {
          formatted = formatOnce(formatted);
        }
        Files.writeString(file, formatted);
        return new Outcome(file, Result.CHANGED, "formatted");
      }
      return new Outcome(
          file, Result.CHANGED, "not formatted (line " + line(before, formatted) + ")");
    } catch (FormatterException e) {
      return new Outcome(file, Result.BROKEN, e.diagnostics().toString());
    } catch (IOException e) {
      return new Outcome(file, Result.BROKEN, e.toString());
    }
  }

  private static String formatOnce(String source) throws FormatterException {
    String ordered = ImportOrderer.reorderImports(source, Style.GOOGLE);
    String used = RemoveUnusedImports.removeUnusedImports(ordered);
    return StringWrapper.wrap(FORMATTER.formatSource(used), FORMATTER);
  }

  private static int line(String before, String after) {
    int line = 1;
    for (int i = 0; i < Math.min(before.length(), after.length()); i++) {
      if (before.charAt(i) != after.charAt(i)) {
        return line;
      }
      line += before.charAt(i) == '\n' ? 1 : 0;
    }
    return line;
  }

  private static List<Path> sources(Path root) throws IOException {
    List<Path> found = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
            return SKIPPED.contains(String.valueOf(dir.getFileName()))
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".java")) {
              found.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return found;
  }
}
