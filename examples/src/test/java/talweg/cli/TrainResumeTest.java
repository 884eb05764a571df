package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.train.CheckpointFolder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Runs that go on where they ended, end early, or are refused. */
class TrainResumeTest {
  private static final String SMALL = "train --hidden 16 --batch 128 --backend cpu ";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  /** Eleven steps an epoch; the newest checkpoint that is left is in the middle of the second. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "--optimizer lamb --schedule one-cycle --clip-norm 1 --accumulate 2",
        "--optimizer sgd --schedule plateau:patience=0,threshold=0.9 --precision fp64 --seed 7",
      })
  void aRunThatGoesOnLeavesTheSameModelAndFigures(String flags) throws IOException {
    String train = SMALL + "--epochs 4 " + flags + " --out ";
    assertDone(run(train + folder.resolve("whole")));
    Path part = folder.resolve("part");
    assertDone(run(train + part + " --checkpoint-every 3 --keep 99"));
    List<Path> checkpoints = new CheckpointFolder(part.resolve("checkpoint"), 1).files();
    for (Path file : checkpoints.subList(0, checkpoints.size() * 2 / 3)) {
      Files.delete(file);
    }
    Files.delete(part.resolve("model.safetensors"));
    Cli rest = run("train --json --resume " + part);
    assertDone(rest);
    assertEquals("resume", JSON.readTree(rest.outLines().getFirst()).get("event").asString());
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("whole/model.safetensors")),
        Files.readAllBytes(part.resolve("model.safetensors")));
    assertEquals(figures(folder.resolve("whole")), figures(part));
  }

  /** All columns of metrics.csv but those of time. */
  private static List<List<String>> figures(Path run) throws IOException {
    return Files.readAllLines(run.resolve("metrics.csv")).stream()
        .map(line -> List.of(line.split(",", -1)))
        .map(cells -> {
          List<String> figures = new ArrayList<>(cells.subList(0, 8));
          figures.addAll(cells.subList(14, 16));
          return figures;
        })
        .toList();
  }

  /** More epochs than a checkpoint holds: the results of the others are in metrics.csv. */
  @Test
  void aLongRunThatGoesOnLeavesTheSameFigures() throws IOException {
    String train =
        "train --hidden 4 --batch 1000 --backend reference --epochs 130 --no-plots --out ";
    assertDone(run(train + folder.resolve("whole")));
    Path part = folder.resolve("part");
    assertDone(run(train + part + " --checkpoint-every 121 --keep 99"));
    List<Path> checkpoints = new CheckpointFolder(part.resolve("checkpoint"), 1).files();
    Files.delete(checkpoints.getFirst());
    Path other = folder.resolve("other");
    assertDone(run("train --resume " + part + " --out " + other));
    assertEquals(figures(folder.resolve("whole")), figures(other));
    assertDone(run("train --resume " + part));
    assertEquals(figures(folder.resolve("whole")), figures(part));
    String page = Files.readString(part.resolve("report.html"));
    assertEquals(131, page.split("<tr><td class=\"n\">", -1).length, "all epochs");
    assertRisingSteps(part);
  }

  /** TensorBoard reads the event files of a folder by name, as one run. */
  private static void assertRisingSteps(Path run) throws IOException {
    List<Path> events;
    try (var files = Files.list(run)) {
      events = files.filter(f -> f.getFileName().toString().contains("tfevents")).sorted().toList();
    }
    assertEquals(2, events.size());
    List<Long> steps = new ArrayList<>();
    for (Path file : events) {
      ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
      while (in.hasRemaining()) {
        byte[] data = new byte[(int) in.getLong()];
        in.getInt();
        in.get(data);
        in.getInt();
        // Behind the time a step of one or two bytes; the tag is plain text.
        if (new String(data, StandardCharsets.ISO_8859_1).contains("loss/train")) {
          steps.add(data[10] & 0x7fL | (data[10] < 0 ? (long) data[11] << 7 : 0));
        }
      }
    }
    assertEquals(LongStream.rangeClosed(1, 130).map(e -> 2 * e).boxed().toList(), steps);
  }

  /** A process that trains nothing knows nothing of times and memory. */
  @Test
  void aFinishedRunThatIsResumedKeepsItsReport() throws IOException {
    Path run = folder.resolve("run");
    assertDone(run("train --hidden 16 --batch 16 --backend cpu --epochs 2 --out " + run));
    String report = Files.readString(run.resolve("report.html"));
    assertFalse(report.contains("No step was timed"), "a step of an epoch is timed");
    assertDone(run("train --resume " + run));
    assertEquals(report, Files.readString(run.resolve("report.html")));
    assertDone(run("train --resume " + run + " --epochs 3"));
    assertTrue(Files.readString(run.resolve("report.html")).contains("<td class=\"n\">3</td>"));
  }

  @Test
  void aFinishedRunGoesOnForMoreEpochsIntoAnotherFolder() throws IOException {
    Path first = folder.resolve("first");
    Path second = folder.resolve("second");
    assertDone(run(SMALL + "--epochs 2 --schedule constant --out " + first));
    byte[] before = Files.readAllBytes(first.resolve("model.safetensors"));
    Cli more = run("train --resume " + first + " --epochs 3 --out " + second + " --json");
    assertDone(more);
    assertTrue(more.err().contains("3 epochs instead of 2"), more.err());
    assertEquals(3, JSON.readTree(more.outLines().getLast()).get("epochs").asInt());
    assertArrayEquals(before, Files.readAllBytes(first.resolve("model.safetensors")));
    assertDone(run(SMALL + "--epochs 3 --schedule constant --out " + folder.resolve("whole")));
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("whole/model.safetensors")),
        Files.readAllBytes(second.resolve("model.safetensors")));
  }

  @Test
  void anotherBackendIsNoticed() {
    assertDone(run(SMALL + "--epochs 1 --out " + folder));
    Cli other = run("train --resume " + folder + " --backend reference --epochs 2");
    assertDone(other);
    assertTrue(other.out().contains("started on cpu; on reference"), other.out());
  }

  @Test
  void otherFlagsAreRefusedByName() {
    assertDone(run(SMALL + "--epochs 1 --out " + folder));
    for (String flag :
        List.of(
            "--batch 64",
            "--lr 0.1",
            "--hidden 8",
            "--seed 1",
            "--early-stop 3",
            "--split 70/15/15",
            "--test-data csv:t.csv",
            "--precision fp64")) {
      Cli refused = run("train --resume " + folder + " " + flag);
      assertEquals(2, refused.exitCode(), refused.err());
      String name = flag.substring(0, flag.indexOf(' '));
      assertTrue(refused.err().contains(name + ": the run in"), refused.err());
    }
    assertDone(run("train --resume " + folder + " --batch 128 --keep 1 --epochs 1"));
  }

  @Test
  void anotherRunIsNotOverwritten() {
    assertDone(run(SMALL + "--epochs 1 --out " + folder));
    Cli again = run(SMALL + "--epochs 1 --out " + folder);
    assertEquals(2, again.exitCode(), again.err());
    assertTrue(again.err().contains("--resume " + folder), again.err());
  }

  @Test
  void nothingToGoOnWithIs66() {
    Cli none = run("train --resume " + folder.resolve("none"));
    assertEquals(66, none.exitCode(), none.err());
  }

  @Test
  void otherDataAreRefused() throws IOException {
    Path table = folder.resolve("t.csv");
    StringBuilder text = new StringBuilder("a,b\n");
    for (int i = 0; i < 40; i++) {
      text.append(i % 7).append(i % 2 == 0 ? ",x\n" : ",y\n");
    }
    Files.writeString(table, text);
    Path out = folder.resolve("out");
    assertDone(run(SMALL + "--epochs 1 --data csv:" + table + " --out " + out));
    Files.writeString(table, text.toString().replace("3,", "4,"));
    Cli other = run("train --resume " + out + " --epochs 2");
    assertEquals(65, other.exitCode(), other.err());
    assertTrue(other.err().contains("training data"), other.err());
  }

  /** With this rate the loss soon gets worse. */
  @Test
  void earlyStoppingKeepsTheBestModel() throws IOException {
    String flags = "--lr 0.2 --epochs 60 --early-stop 3 --schedule constant --json --out ";
    Cli early = run(SMALL + flags + folder);
    assertDone(early);
    JsonNode done = JSON.readTree(early.outLines().getLast());
    int kept = done.get("kept_epoch").asInt();
    int last = done.get("epochs").asInt();
    assertTrue(last < 60 && last == kept + 3, done.toString());
    assertTrue(early.err().contains("weights of epoch " + kept), early.err());
    List<JsonNode> epochs =
        early.outLines().stream()
            .map(JSON::readTree)
            .filter(e -> e.get("event").asString().equals("epoch"))
            .toList();
    double best =
        epochs.stream().mapToDouble(e -> e.get("val_loss").asDouble()).min().getAsDouble();
    assertEquals(best, done.get("val_loss").asDouble());
    assertTrue(Files.exists(folder.resolve("best.safetensors")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--keep 0 | --keep",
        "--early-stop 0 | --early-stop",
        "--checkpoint-every soon | --checkpoint-every",
        "--checkpoint-every 0 | --checkpoint-every",
        "--checkpoint-every 3days | --checkpoint-every",
        "--optimizer lbfgs --keep 2 | --keep does not go",
        "--optimizer lbfgs --early-stop 2 | --early-stop does not go",
      })
  void wrongFlagsAreNamed(String flags, String expected) {
    Cli run = run("train " + flags);
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.err().contains(expected), run.err());
    assertFalse(run.err().contains("\tat "), run.err());
  }

  private static void assertDone(Cli run) {
    assertEquals(0, run.exitCode(), run.err());
  }

  private static Cli run(String command) {
    return Cli.run((Object[]) command.strip().split(" +"));
  }
}
