package talweg.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import talweg.data.Dataset;
import talweg.io.GrowingFile;
import talweg.io.Safetensors;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.optim.Optimizers;
import talweg.session.Session;

/** An interrupt is for whoever asks for it: files are written and read all the same. */
class InterruptedTrainingTest {
  @TempDir Path folder;

  private final Dataset data =
      Dataset.classification(
          "points",
          new float[] {0, 1, 1, 0, 2, 2, -1, 3},
          new int[] {2},
          new int[] {0, 1, 0, 1},
          2);

  @AfterEach
  void clear() {
    boolean unused = Thread.interrupted();
  }

  private float[] train(CheckpointFolder checkpoints) {
    try (Session session = Session.open("reference")) {
      Module model = new Linear(2, 2).init(session, 1);
      Trainer trainer =
          new Trainer(
              model, Objective.crossEntropy(), Optimizers.adamW(0.1), TrainerOptions.of(2, 2));
      trainer.saveTo(checkpoints, Cadence.everySteps(1), Map.of());
      trainer.fit(data, data);
      return model.named().get("weight").value().toFloats();
    }
  }

  @Test
  void checkpointsAreWritten() {
    float[] expected = train(new CheckpointFolder(folder.resolve("a"), 9));
    CheckpointFolder checkpoints = new CheckpointFolder(folder.resolve("b"), 9);
    Thread.currentThread().interrupt();
    assertArrayEquals(expected, train(checkpoints));
    assertTrue(Thread.currentThread().isInterrupted());
    assertEquals(4, checkpoints.files().size());
    assertEquals(2, checkpoints.newest().epochs());
    assertTrue(Safetensors.read(checkpoints.files().getFirst()).sealed());
    assertTrue(Thread.interrupted());
  }

  @Test
  void recordsAreAppended() throws IOException {
    Path file = folder.resolve("metrics.csv");
    try (GrowingFile growing =
        new GrowingFile(file, text("a\n"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      growing.append(text("b\n"));
      Thread.currentThread().interrupt();
      growing.flush();
      growing.append(text("c\n"));
      assertTrue(Thread.interrupted());
    }
    assertEquals("a\nb\nc\n", Files.readString(file));
  }

  private static byte[] text(String line) {
    return line.getBytes(StandardCharsets.UTF_8);
  }
}
