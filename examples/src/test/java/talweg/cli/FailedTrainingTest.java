package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Trainings that go through their epochs and come to nothing. */
class FailedTrainingTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A rate at which every step overshoots. */
  private static final String DIVERGING =
      "train --backend reference --hidden 8 --batch 200 --epochs 3 --optimizer sgd --schedule"
          + " constant --lr 1e30 --json ";

  @TempDir Path folder;

  private Cli train(String flags) {
    return Cli.line(DIVERGING + flags + " --out " + folder);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--early-stop 2"})
  void weightsThatAreNotNumbersAreNoModel(String flags) {
    Cli run = train("--nonfinite propagate " + flags);
    assertEquals(1, run.exitCode(), run.err());
    assertTrue(run.err().contains("failed: the weights are not finite numbers"), run.err());
    assertTrue(run.err().contains("the training loss is NaN"), run.err());
    assertFalse(Files.exists(folder.resolve("model.safetensors")));
    assertFalse(run.err().contains("model in "), run.err());
    assertFalse(run.err().contains("was better"), run.err());
    JsonNode done = JSON.readTree(run.outLines().getLast());
    assertEquals("done", done.get("event").asString());
    assertTrue(done.get("train_loss").isNull() && done.get("test_loss").isNull(), done.toString());
    assertTrue(done.get("failures").size() > 1, done.toString());
    assertFalse(run.out().contains("\"NaN\""), run.out());
  }

  @Test
  void mostStepsSkippedIsNoTraining() {
    Cli run = train("--nonfinite skip");
    assertEquals(1, run.exitCode(), run.err());
    assertTrue(run.err().contains("of 21 steps were skipped"), run.err());
  }

  /** The weights are good; what they were tested on is not. */
  @Test
  void aTestLossThatIsNoNumberIsTold() throws IOException {
    StringBuilder rows = new StringBuilder("x,y\n");
    for (int i = 0; i < 40; i++) {
      rows.append(i % 7).append(',').append(i % 7 + 0.5).append('\n');
    }
    Path good = Files.writeString(folder.resolve("good.csv"), rows);
    Path bad = Files.writeString(folder.resolve("bad.csv"), "x,y\n1,1.5\n2,1e38\n");
    Cli run =
        Cli.line(
            "train --backend reference --hidden 4 --epochs 1 --json --data csv:%s --test-data csv:%s --out %s"
                .formatted(good, bad, folder.resolve("run")));
    assertEquals(1, run.exitCode(), run.err());
    assertTrue(
        run.err().contains("the test loss is Infinity; it is so at example 2 of that part"),
        run.err());
    assertTrue(Files.exists(folder.resolve("run/model.safetensors")));
  }

  @Test
  void aPlateauThatWaitsForTheWrongDirectionIsRefusedAtOnce() {
    for (String flags :
        new String[] {
          "--schedule plateau:patience=1 --monitor accuracy",
          "--schedule plateau:mode=max",
          "--schedule plateau:mode=max --monitor loss",
          "--schedule sequence:at=9(constant;plateau) --monitor accuracy",
          "--schedule plateau --warmup 5 --monitor accuracy",
        }) {
      Cli run = Cli.line("train --data csv:no-such.csv " + flags);
      assertEquals(2, run.exitCode(), flags + run.err());
      assertTrue(run.err().contains("--schedule plateau: expected mode="), run.err());
    }
  }
}
