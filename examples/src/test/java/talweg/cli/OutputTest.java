package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import talweg.backend.Prerequisite;

/** Output that cannot be written is no success, wherever it goes. */
class OutputTest {
  private static final String LOST = "standard output could not be written";
  private static final Path FULL = Path.of("/dev/full");

  @TempDir Path folder;

  private Path model() {
    Path run = folder.resolve("run");
    if (!Files.exists(run)) {
      Cli train =
          Cli.line("train --backend reference --epochs 1 --hidden 4 --batch 500 --out " + run);
      assertEquals(0, train.exitCode(), train.err());
    }
    return run.resolve("model.safetensors");
  }

  /** A disk with a limited capacity in bytes. */
  private static final class SmallDisk extends OutputStream {
    private int room;

    SmallDisk(int room) {
      this.room = room;
    }

    @Override
    public void write(int b) throws IOException {
      if (room-- <= 0) {
        throw new IOException("No space left on device");
      }
    }
  }

  private static Cli onto(OutputStream disk, String commandLine) {
    PrintStream outBefore = System.out;
    PrintStream errBefore = System.err;
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    System.setOut(new PrintStream(disk, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    try {
      CommandLine command = Main.commandLine();
      command.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
      int code = command.execute(commandLine.split(" +"));
      return new Cli(code, "", err.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(outBefore);
      System.setErr(errBefore);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "predict --backend reference --model MODEL --data digits",
        "evaluate --backend reference --model MODEL",
        "evaluate --backend reference --model MODEL --json",
        "schedule",
        "schedule cosine",
        "schedule cosine --csv",
        "minimize rosenbrock --method lbfgs",
        "minimize rosenbrock --method lbfgs --json",
        "minimize --list",
        "doctor",
        "landscape saddle --out FOLDER/pictures --grid 20",
        "train --backend reference --epochs 1 --hidden 4 --batch 500 --out FOLDER/other-ROOM"
            + " --json",
        "train --help",
        "--version",
      })
  void noCommandSucceedsWithoutItsOutput(String line) {
    String named = line.replace("MODEL", model().toString()).replace("FOLDER", folder.toString());
    for (int room : new int[] {0, 40}) {
      String command = named.replace("ROOM", Integer.toString(room));
      Cli run = onto(new SmallDisk(room), command);
      assertEquals(74, run.exitCode(), command + ": " + run.err());
      assertEquals(1, run.err().lines().filter(l -> l.contains(LOST)).count(), run.err());
    }
  }

  /** A training goes on: its model is worth more than its lines. */
  @Test
  void aTrainingKeepsItsModel() throws IOException {
    byte[] expected = Files.readAllBytes(model());
    Path out = folder.resolve("silent");
    Cli run =
        onto(
            new SmallDisk(0),
            "train --backend reference --epochs 1 --hidden 4 --batch 500 --out " + out);
    assertEquals(74, run.exitCode(), run.err());
    assertArrayEquals(expected, Files.readAllBytes(out.resolve("model.safetensors")));
  }

  /** What has failed for another reason keeps its code. */
  @Test
  void failuresKeepTheirCode() {
    String bound = "evaluate --backend reference --at-least accuracy=1 --model " + model();
    assertEquals(1, onto(new SmallDisk(0), bound).exitCode());
    assertEquals(2, onto(new SmallDisk(0), "schedule bogus").exitCode());
  }

  @Test
  void aDeviceIsWrittenToAndStaysOne() {
    Prerequisite.require(Files.exists(FULL), Prerequisite.isLinuxOnAmd64(), FULL.toString());
    Cli run =
        Cli.run(
            "predict",
            "--backend",
            "reference",
            "--model",
            model(),
            "--data",
            "digits",
            "--out",
            FULL);
    assertEquals(74, run.exitCode(), run.err());
    assertTrue(run.err().contains("/dev/full: cannot write"), run.err());
    assertFalse(Files.isRegularFile(FULL));
  }

  @Test
  void theProcessSaysWhyItsOutputIsLost() throws Exception {
    Prerequisite.require(Files.exists(FULL), Prerequisite.isLinuxOnAmd64(), FULL.toString());
    Path errors = folder.resolve("errors");
    Process process =
        new ProcessBuilder(java("schedule", "cosine", "--csv"))
            .redirectOutput(FULL.toFile())
            .redirectError(errors.toFile())
            .start();
    assertEquals(74, process.waitFor());
    String said = Files.readString(errors);
    assertTrue(said.contains("talweg schedule: " + LOST + ": "), said);
  }

  /** As {@code head} does. */
  @Test
  void aReaderThatHasEnoughIsNoFailure() throws Exception {
    Path errors = folder.resolve("errors");
    Process process =
        new ProcessBuilder(java("schedule", "cosine", "--csv", "--steps", "100000"))
            .redirectError(errors.toFile())
            .start();
    process.getInputStream().close();
    assertEquals(0, process.waitFor());
    assertFalse(Files.readString(errors).contains(LOST));
  }

  private static List<String> java(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(arguments));
    return command;
  }
}
