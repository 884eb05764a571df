package talweg.docs;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The documents say what is true: files that they name exist, code that they show is the code that
 * is compiled.
 */
class DocumentationTest {
  private static final Path ROOT = root();
  private static final Pattern FILE = Pattern.compile("`([\\w-]+(?:/[\\w.-]+)+\\.\\w+)`");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)\\)");
  private static final Pattern PACKAGE = Pattern.compile("`(talweg(?:\\.\\w+)+)`");
  private static final List<String> DOCUMENTS =
      List.of(
          "README.md",
          "ARCHITECTURE.md",
          "CONTRIBUTING.md",
          "SECURITY.md",
          "CHANGELOG.md",
          "docs/benchmarks.md",
          "docs/data.md",
          "docs/watching.md");

  @Test
  void filesThatDocumentsNameExist() {
    assertAll(
        DOCUMENTS.stream()
            .flatMap(document ->
                matches(document, FILE, LINK).map(name -> () -> exists(document, name))));
    assertTrue(matches("ARCHITECTURE.md", FILE).count() > 20);
  }

  @Test
  void packagesThatTheArchitectureNamesExist() {
    List<String> packages = matches("ARCHITECTURE.md", PACKAGE).toList();
    assertTrue(packages.size() > 10);
    for (String name : packages) {
      exists(
          "ARCHITECTURE.md", "core/src/main/java/" + name.replace('.', '/') + "/package-info.java");
    }
  }

  @Test
  void theReadmeShowsTheExampleThatIsCompiled() throws IOException {
    List<String> example =
        Files.readAllLines(
            ROOT.resolve("examples/src/main/java/talweg/examples/FirstNetwork.java"));
    int start = indexOf(example, "  public static void main") + 1;
    String body =
        example.subList(start, example.size() - 2).stream()
            .map(line -> line.isEmpty() ? line : line.substring(4))
            .collect(Collectors.joining("\n"));
    String readme = read("README.md");
    int from = readme.indexOf("```java\n") + 8;
    assertEquals(body, readme.substring(from, readme.indexOf("\n```", from)));
  }

  private static void exists(String document, String name) {
    assertTrue(
        Files.exists(ROOT.resolve(name))
            || Files.exists(ROOT.resolve(document).resolveSibling(name)),
        document + " names " + name + ", which does not exist");
  }

  private static java.util.stream.Stream<String> matches(String document, Pattern... patterns) {
    return java.util.Arrays.stream(patterns)
        .flatMap(pattern -> pattern.matcher(read(document)).results())
        .map((MatchResult result) -> result.group(1));
  }

  private static int indexOf(List<String> lines, String start) {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).startsWith(start)) {
        return i;
      }
    }
    throw new AssertionError("no line starts with " + start);
  }

  private static String read(String document) {
    try {
      return Files.readString(ROOT.resolve(document));
    } catch (IOException e) {
      throw new AssertionError(document, e);
    }
  }

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("ARCHITECTURE.md"))) {
      folder = folder.getParent();
    }
    return folder;
  }
}
