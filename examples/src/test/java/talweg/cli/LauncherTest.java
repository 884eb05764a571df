package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import talweg.backend.Prerequisite;

/** The launcher, as in a bundle, with a script in the place of Java. */
class LauncherTest {
  private static final Path LAUNCHER = Path.of("..", "talweg");

  /** Against a hang only. */
  private static final long LIMIT_SECONDS = 120;

  @TempDir Path folder;

  @BeforeEach
  void bundle() throws IOException {
    Prerequisite.require(
        new File("/bin/sh").canExecute(), Prerequisite.isLinuxOnAmd64(), "/bin/sh");
    Files.copy(LAUNCHER, folder.resolve("talweg"));
    Files.createDirectories(folder.resolve("lib"));
    Files.writeString(folder.resolve("lib/talweg.jar"), "");
    Path java = Files.createDirectories(folder.resolve("runtime/bin")).resolve("java");
    Files.writeString(
        folder.resolve("runtime/release"),
        "JAVA_VERSION=\"25.0.3\"\nMODULES=\"java.base jdk.incubator.vector\"\n");
    // Says what it was told, on both streams, once the real standard error is back in its place.
    Files.writeString(
        java,
        """
        #!/bin/sh
        echo 'WARNING: Using incubator modules: jdk.incubator.vector' >&2
        exec 2>&3 3>&-
        echo "to err" >&2
        echo "started" >"%s/started"
        echo "to out" || exit 74
        """
            .formatted(folder));
    assertTrue(java.toFile().setExecutable(true));
  }

  private int run(String redirections) throws Exception {
    Process process =
        new ProcessBuilder(
                "/bin/sh", "-c", "exec sh \"$0\" schedule cosine " + redirections, script())
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile())
            .start();
    assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), "it hangs");
    return process.exitValue();
  }

  private String script() {
    return folder.resolve("talweg").toString();
  }

  private String said(String file) throws IOException {
    return Files.readString(folder.resolve(file));
  }

  @Test
  void bothStreamsArriveWithoutTheWarning() throws Exception {
    assertEquals(0, run(""));
    assertEquals("to out\n", said("out"));
    assertEquals("to err\n", said("err"));
  }

  /** As daemons do. A closed standard output cannot be written; the others are not needed. */
  @ParameterizedTest
  @CsvSource({"2>&-, 0", "<&-, 0", ">&-, 74", "<&- 2>&-, 0", "<&- >&- 2>&-, 74"})
  void closedStreamsAreNoHindrance(String redirections, int expected) throws Exception {
    assertEquals(expected, run(redirections));
    assertEquals("started\n", said("started"));
    assertEquals(expected == 0 ? "to out\n" : "", said("out"));
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (!left().isEmpty()) {
      assertTrue(System.nanoTime() < end, "left behind: " + left());
      Thread.sleep(5);
    }
  }

  /** Processes of this launcher that are still there. */
  private List<String> left() {
    return ProcessHandle.allProcesses()
        .flatMap(p -> p.info().commandLine().stream())
        .filter(line -> line.contains(script()))
        .toList();
  }
}
