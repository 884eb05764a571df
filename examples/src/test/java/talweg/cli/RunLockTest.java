package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import talweg.error.CheckpointException;

class RunLockTest {
  private static final String TRAIN =
      "train --backend reference --hidden 4 --batch 500 --epochs 1 --out ";

  @TempDir Path folder;

  /** Holds the lock of a folder until its standard input ends. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] args) throws IOException {
      try (RunLock lock = new RunLock()) {
        lock.take(Path.of(args[0]));
        System.out.println("held");
        int end = System.in.read();
        assertEquals(-1, end);
      }
    }
  }

  private static Process hold(Path run) throws IOException {
    Process holder =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    Holder.class.getName(),
                    run.toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader said = holder.inputReader();
    assertEquals("held", said.readLine());
    return holder;
  }

  @Test
  void aSecondProcessEndsAtOnceAndNamesTheFirst() throws Exception {
    Path run = folder.resolve("run");
    Process holder = hold(run);
    try {
      for (String command :
          List.of(TRAIN + run, TRAIN + run + " --find-lr", "train --resume " + run)) {
        Cli second = Cli.line(command);
        assertEquals(74, second.exitCode(), second.err());
        assertTrue(second.err().contains("another run is writing there"), second.err());
        assertTrue(second.err().contains("process " + holder.pid() + " on "), second.err());
        assertTrue(second.err().contains(" since "), second.err());
        assertEquals("", second.out());
      }
      try (var files = Files.list(run)) {
        assertEquals(List.of(run.resolve(RunLock.NAME)), files.toList());
      }
    } finally {
      holder.getOutputStream().close();
    }
    assertEquals(0, holder.waitFor());
    assertFalse(Files.exists(run), "it made the folder, and wrote nothing there");
    Cli free = Cli.line(TRAIN + run);
    assertEquals(0, free.exitCode(), free.err());
    assertFalse(Files.exists(run.resolve(RunLock.NAME)));
  }

  /** What a killed process leaves is no lock. */
  @Test
  void aKilledProcessHoldsNothing() throws Exception {
    Path run = folder.resolve("run");
    Process holder = hold(run);
    holder.destroyForcibly().waitFor();
    assertTrue(Files.exists(run.resolve(RunLock.NAME)));
    Path half = Files.writeString(run.resolve("model.safetensors.0123456789abcdef.tmp"), "half");
    Path mine = Files.writeString(run.resolve("notes.tmp"), "mine");
    Cli next = Cli.line(TRAIN + run);
    assertEquals(0, next.exitCode(), next.err());
    assertFalse(Files.exists(half));
    assertTrue(Files.exists(mine));
  }

  @Test
  void withinAProcessThereIsOneHolder() {
    Path run = folder.resolve("run");
    try (RunLock first = new RunLock();
        RunLock second = new RunLock()) {
      first.take(run);
      first.take(run);
      CheckpointException refused =
          assertThrows(CheckpointException.class, () -> second.take(folder.resolve("./run")));
      assertTrue(refused.getMessage().contains("this process"), refused.getMessage());
    }
    try (RunLock third = new RunLock()) {
      third.take(run);
      assertTrue(Files.exists(run.resolve(RunLock.NAME)));
    }
    assertFalse(Files.exists(run.resolve(RunLock.NAME)));
  }

  @Test
  void runsWithoutANamedFolderGetOneEach() {
    try (RunLock first = new RunLock();
        RunLock second = new RunLock()) {
      Path run = folder.resolve("runs/now");
      assertTrue(first.make(run));
      assertFalse(second.make(run));
      assertTrue(second.make(folder.resolve("runs/now-2")));
    }
  }
}
