package talweg.examples;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every program of the package, from its first line to its last, as a reader would start it. */
class ExampleProgramsTest {
  private static final Path SOURCES = Path.of("src/main/java/talweg/examples");

  @TempDir Path pictures;

  static List<String> programs() throws IOException {
    try (Stream<Path> files = Files.list(SOURCES)) {
      List<Path> sources = files.sorted().toList();
      return sources.stream()
          .filter(ExampleProgramsTest::isProgram)
          .map(file -> file.getFileName().toString().replace(".java", ""))
          .toList();
    }
  }

  private static boolean isProgram(Path source) {
    try {
      return Files.readString(source).contains("public static void main(String[] args)");
    } catch (IOException e) {
      throw new IllegalStateException(source + " cannot be read", e);
    }
  }

  @ParameterizedTest
  @MethodSource("programs")
  void runsToItsEnd(String program) throws ReflectiveOperationException {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      Class.forName("talweg.examples." + program)
          .getMethod("main", String[].class)
          .invoke(null, (Object) new String[] {pictures.toString()});
    } finally {
      System.setOut(before);
    }
    assertFalse(out.toString(StandardCharsets.UTF_8).isBlank(), "it says what it found");
  }
}
