package talweg.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import talweg.data.Dataset;
import talweg.error.TalwegException;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.optim.Optimizers;
import talweg.optim.ParameterGroup;
import talweg.session.Session;

/** Training of a model whose parts were placed one by one, each with a seed of its own. */
class TrainerPartsTest {
  private static final Dataset DATA =
      Dataset.classification(
          "data",
          new float[] {0, 1, 1, 0, 2, 2, -1, 3, 1, 1, 0, 0.5f},
          new int[] {2},
          new int[] {0, 1, 0, 1, 1, 0},
          2);

  @TempDir Path folder;

  /** The resumed training needs the states of all parameters. */
  @Test
  void resumesBitForBit() {
    CheckpointFolder halfWay = new CheckpointFolder(folder, 1);
    train(2, halfWay, null);
    assertArrayEquals(
        train(4, new CheckpointFolder(folder.resolve("whole"), 1), null),
        train(4, new CheckpointFolder(folder.resolve("rest"), 1), halfWay.newest()));
  }

  private static double[] train(int epochs, CheckpointFolder to, Checkpoint from) {
    try (Session session = Session.open("reference")) {
      Module encoder = new Sequential(new Linear(2, 3));
      Module decoder = new Sequential(new Linear(3, 2));
      Module model = new Sequential(encoder, decoder);
      encoder.init(session, 1);
      decoder.init(session, 2);
      Trainer trainer =
          new Trainer(
              model,
              Objective.crossEntropy(),
              Optimizers.adamW(0.1),
              TrainerOptions.of(epochs, 2).seed(3));
      trainer.saveTo(to, Cadence.everyEpochs(100), Map.of());
      if (from != null) {
        trainer.resume(from);
      }
      trainer.fit(DATA);
      return model.trainable().stream()
          .flatMapToDouble(p -> Arrays.stream(p.value().toDoubles()))
          .toArray();
    }
  }

  /** It would end in a checkpoint with half of the states. */
  @Test
  void checkpointsOfParametersWithOneNameAreRefusedAtOnce() {
    try (Session session = Session.open("reference")) {
      Module model = new Sequential(new Linear(2, 2)).init(session, 1);
      Module first = new Linear(2, 2).init(session, 2);
      Module second = new Linear(2, 2).init(session, 3);
      List<ParameterGroup> groups =
          List.of(
              new ParameterGroup(model.trainable(), Optimizers.sgd(0.1)),
              new ParameterGroup(first.trainable(), Optimizers.sgd(0.1)),
              new ParameterGroup(second.trainable(), Optimizers.sgd(0.1)));
      Trainer trainer =
          new Trainer(model, Objective.crossEntropy(), groups, TrainerOptions.of(1, 2));
      CheckpointFolder to = new CheckpointFolder(folder, 1);
      String message =
          assertThrows(
                  TalwegException.class, () -> trainer.saveTo(to, Cadence.everyEpochs(1), Map.of()))
              .getMessage();
      assertTrue(message.contains("have the name \"weight\""), message);
      assertEquals(List.of(), to.files());
    }
  }
}
