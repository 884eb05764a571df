package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import talweg.io.HostTensor;
import talweg.io.Safetensors;
import talweg.train.Checkpoint;
import talweg.train.CheckpointFolder;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Files of the version before there was a validation part: a checkpoint after the second of four
 * epochs, and the model at their end. The run was {@code train --backend reference --hidden 8
 * --epochs 4 --batch 128 --early-stop 9 --schedule plateau:patience=0,factor=0.5,threshold=0.3}.
 */
class TwoPartRunTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String CHECKPOINT = "checkpoint/step-000000024.safetensors";

  /** Rounding of functions that differ from one JVM to another. */
  private static final double ROUNDING = 1e-5;

  @TempDir Path folder;

  private Path old(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    try (InputStream in = TwoPartRunTest.class.getResourceAsStream("two-parts/" + name)) {
      Files.copy(in, file);
    }
    return file;
  }

  @Test
  void goesOnWithItsTwoParts() throws IOException {
    Map<String, HostTensor> expected = Safetensors.read(old("model.safetensors")).tensors();
    old(CHECKPOINT);
    Files.delete(folder.resolve("model.safetensors"));
    Cli run = Cli.line("train --json --resume " + folder);
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(run.err().contains("started without a validation part"), run.err());
    List<JsonNode> events = run.outLines().stream().map(JSON::readTree).toList();
    assertEquals(2.142530679702759, events.get(1).get("val_loss").asDouble(), ROUNDING);
    assertEquals(2.1166343688964844, events.get(2).get("val_loss").asDouble(), ROUNDING);
    assertEquals(3.75e-4, events.get(2).get("learning_rate").asDouble());
    JsonNode done = events.getLast();
    assertEquals(1437, done.get("train_examples").asInt());
    assertEquals(360, done.get("test_examples").asInt());
    assertEquals(done.get("val_loss").asDouble(), done.get("test_loss").asDouble(), 1e-12);
    assertEquals(4, done.get("kept_epoch").asInt());
    var model = Safetensors.read(folder.resolve("model.safetensors")).tensors();
    assertEquals(expected.keySet(), model.keySet());
    expected.forEach(
        (name, tensor) -> assertArrayEquals(floats(tensor), floats(model.get(name)), 1e-5f, name));
    Checkpoint newest = new CheckpointFolder(folder.resolve("checkpoint"), 1).newest();
    assertFalse(newest.configuration().containsKey("--split"), "it still has two parts");
    Cli refused = Cli.line("train --resume " + folder + " --split default");
    assertEquals(2, refused.exitCode(), refused.err());
    assertTrue(refused.err().contains("begun without this flag"), refused.err());
  }

  /** Its 1,797 digits are not 1,437, 360 and 360. */
  @Test
  void saysThatItsTestPartIsTheValidationPart() throws IOException {
    old(CHECKPOINT);
    Cli run = Cli.line("train --resume " + folder);
    assertEquals(0, run.exitCode(), run.err());
    String sizes =
        "digits, 1,437 training and 360 test examples, which are the validation part, too";
    assertTrue(run.out().contains(sizes), run.out());
    String report = Files.readString(folder.resolve("report.html"));
    assertTrue(report.contains("1,437 training and 360 test examples, which are"), report);
  }

  private static float[] floats(HostTensor tensor) {
    return tensor.data().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
  }

  @Test
  void itsModelHasItsTwoParts() throws IOException {
    Path model = old("model.safetensors");
    for (String[] part :
        new String[][] {{"", "360"}, {"--part test", "360"}, {"--part train", "1437"}}) {
      Cli run =
          Cli.line("evaluate --json --backend reference %s --model %s".formatted(part[0], model));
      assertEquals(0, run.exitCode(), run.err());
      JsonNode event = JSON.readTree(run.out());
      assertEquals(part[1], event.get("examples").toString());
      if (part[1].equals("360")) {
        assertEquals(0.4, event.get("accuracy").asDouble());
        assertEquals(2.1166343688964844, event.get("loss").asDouble(), ROUNDING);
      }
    }
    Cli none = Cli.line("evaluate --part validation --model " + model);
    assertEquals(2, none.exitCode(), none.err());
    assertTrue(none.err().contains("left no such part"), none.err());
  }

  /** A run of this version keeps its split in its checkpoints, and has three parts again. */
  @Test
  void aNewRunGoesOnWithItsThreeParts() throws IOException {
    String train = "train --hidden 8 --batch 128 --backend cpu --json --epochs ";
    Cli begun = Cli.line(train + "2 --out " + folder);
    assertEquals(0, begun.exitCode(), begun.err());
    Checkpoint newest = new CheckpointFolder(folder.resolve("checkpoint"), 1).newest();
    assertEquals("default", newest.configuration().get("--split"));
    Cli more = Cli.line("train --json --resume " + folder + " --epochs 3");
    assertEquals(0, more.exitCode(), more.err());
    JsonNode done = JSON.readTree(more.outLines().getLast());
    assertEquals(144, done.get("validation_examples").asInt());
    assertEquals(1293, done.get("train_examples").asInt());
    Cli other = Cli.line("train --resume " + folder + " --split 70/15/15");
    assertEquals(2, other.exitCode(), other.err());
    assertTrue(other.err().contains("begun with default, but now it is 70/15/15"), other.err());
  }
}
