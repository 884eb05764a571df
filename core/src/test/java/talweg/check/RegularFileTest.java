package talweg.check;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import talweg.error.InputNotFoundException;

class RegularFileTest {
  @TempDir Path folder;

  private static void assertRefused(Path file, String what) {
    InputNotFoundException e =
        assertThrows(InputNotFoundException.class, () -> RegularFile.require(file, "a table"));
    assertTrue(e.getMessage().contains("expected a table, got " + what), e.getMessage());
  }

  @Test
  void filesPassAndSoDoesWhatIsNotThere() throws IOException {
    Path file = Files.createFile(folder.resolve("f"));
    assertDoesNotThrow(() -> RegularFile.require(file, "a table"));
    assertDoesNotThrow(() -> RegularFile.require(folder.resolve("none"), "a table"));
    assertRefused(folder, "a folder");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void linksAreFollowed() throws IOException {
    Path file = Files.createFile(folder.resolve("f"));
    Path link = Files.createSymbolicLink(folder.resolve("l"), file);
    assertDoesNotThrow(() -> RegularFile.require(link, "a table"));
    assertRefused(Files.createSymbolicLink(folder.resolve("z"), Path.of("/dev/zero")), "a pipe or");
  }
}
