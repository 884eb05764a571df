package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values of flags that are out of range, unreadable, or steer a terminal. */
class HostileArgumentsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"train --epochs 1", "benchmark copy --n 10"})
  void threadsAreWithinReason(String command) {
    for (String threads : new String[] {"0", "-1", "1025", "5000", "2147483647"}) {
      Cli run = Cli.line(command + " --backend cpu --threads " + threads);
      assertEquals(2, run.exitCode(), run.err());
      assertTrue(run.err().contains("--threads: expected 1 to 1024, got " + threads), run.err());
    }
  }

  @Test
  void anEmptyPathIsNoFolder() {
    for (String flag : new String[] {"--resume", "--out"}) {
      Cli run = Cli.run("train", flag, "");
      assertEquals(2, run.exitCode(), run.err());
      assertTrue(run.err().contains(flag) && run.err().contains("an empty text"), run.err());
    }
  }

  /** As the JDK says it where the locale has no such characters. */
  @Test
  void aPathThatTheLocaleLacksNamesTheLocaleToUse() {
    String message =
        PathFlag.describe(
            new InvalidPathException("\ufffd\ufffd", "Malformed input or input contains ..."));
    assertTrue(message.contains("set LC_ALL=C.UTF-8"), message);
    assertTrue(PathFlag.describe(new InvalidPathException("a\0", "Nul")).endsWith(": Nul"));
    Cli run = Cli.run("train", "--out", "a\0b");
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.err().contains("expected a path"), run.err());
    run = Cli.run("train", "--data", "csv:a\0b");
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.err().contains("expected a path"), run.err());
  }

  @Test
  void namesAndPathsDoNotSteerTheTerminal() {
    String steering = "\u001b[2J\u001b]0;title\u0007";
    for (String[] line :
        new String[][] {
          {"train", "--data", "csv:" + folder.resolve(steering)},
          {"train", "--data", "idx:" + folder.resolve(steering)},
          {"train", "--data", "images:" + folder.resolve(steering)},
          {"train", "--data", steering},
          {"train", "--resume", folder.resolve(steering).toString()},
          {"evaluate", "--model", folder.resolve(steering).toString()},
          {"train", "--optimizer", steering},
          {"train", "--schedule", steering},
          {"train", "--backend", steering},
          {"train", "--" + steering},
          {steering},
        }) {
      Cli run = Cli.run((Object[]) line);
      assertTrue(run.exitCode() != 0, run.err());
      assertTrue(
          run.err().chars().noneMatch(c -> c != '\n' && Character.isISOControl(c)),
          () -> String.join(" ", line) + ": " + run.err());
    }
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void pipesAreNotWaitedFor() throws Exception {
    Path pipe = folder.resolve("m.safetensors");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    for (String command : new String[] {"evaluate --model ", "predict --model "}) {
      assertTimeoutPreemptively(
          Duration.ofMinutes(1),
          () -> {
            Cli run = Cli.line(command + pipe);
            assertEquals(66, run.exitCode(), run.err());
            assertTrue(run.err().contains("got a pipe or a device"), run.err());
          });
    }
  }
}
