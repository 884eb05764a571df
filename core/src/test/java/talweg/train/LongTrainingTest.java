package talweg.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import talweg.data.Dataset;
import talweg.io.HostTensor;
import talweg.io.Safetensors;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.optim.Optimizers;
import talweg.session.Session;
import talweg.tensorboard.EventWriter;
import talweg.tensorboard.TensorBoardListener;

/** What a training holds and writes does not grow with the number of its epochs. */
class LongTrainingTest {
  private static final int EPOCHS = 2 * TrainingState.MOST_EPOCHS;

  @TempDir Path folder;

  private final Dataset data =
      Dataset.classification(
          "points",
          new float[] {0, 1, 1, 0, 2, 2, -1, 3},
          new int[] {2},
          new int[] {0, 1, 0, 1},
          2);

  private static Module model(Session session) {
    return new Sequential(new Linear(2, 2)).init(session, 1);
  }

  private static Trainer trainer(Session session, int epochs) {
    return new Trainer(
        model(session),
        Objective.crossEntropy(),
        Optimizers.sgd(0.1),
        TrainerOptions.of(epochs, 4));
  }

  private Checkpoint train(int epochs, Path to, Checkpoint from) {
    CheckpointFolder checkpoints = new CheckpointFolder(to, 1);
    try (Session session = Session.open("reference")) {
      Trainer trainer =
          trainer(session, epochs).saveTo(checkpoints, Cadence.everyEpochs(50), Map.of());
      if (from != null) {
        trainer.resume(from);
      }
      trainer.fit(data);
    }
    return checkpoints.newest();
  }

  /** Digits of numbers apart, which differ a little. */
  @Test
  void checkpointsStayAsTheyAre() throws IOException {
    long shorter = Files.size(train(EPOCHS, folder.resolve("a"), null).file());
    long longer = Files.size(train(4 * EPOCHS, folder.resolve("b"), null).file());
    assertTrue(longer < 1.05 * shorter, longer + " bytes instead of " + shorter);
  }

  @Test
  void aLongTrainingThatGoesOnIsTheSame() {
    Checkpoint half = train(EPOCHS, folder.resolve("half"), null);
    assertEquals(EPOCHS, half.epochs());
    assertEquals(TrainingState.MOST_EPOCHS, half.state().epochs().size());
    Map<String, HostTensor> whole =
        Safetensors.read(train(EPOCHS + 150, folder.resolve("whole"), null).file()).tensors();
    Map<String, HostTensor> parts =
        Safetensors.read(train(EPOCHS + 150, folder.resolve("half"), half).file()).tensors();
    whole.forEach(
        (name, tensor) -> assertEquals(-1, tensor.data().mismatch(parts.get(name).data()), name));
  }

  @Test
  void aTrainingRemembersTheLastEpochsAndTheBest() {
    RecentEpochs epochs = new RecentEpochs();
    assertEquals(List.of(), epochs.list(5));
    int all = RecentEpochs.MOST + 500;
    for (int i = 1; i <= all; i++) {
      EpochResult result = epoch(i);
      epochs.add(result);
      if (i == 7) {
        epochs.best(result);
      }
    }
    assertEquals(all, epochs.finished());
    assertEquals(List.of(7, all - 1, all), numbers(epochs.list(2)));
    assertEquals(RecentEpochs.MOST + 1, epochs.list(Integer.MAX_VALUE).size());
    epochs.best(epoch(all));
    assertEquals(List.of(all - 1, all), numbers(epochs.list(2)));
  }

  /** The best one of a long training is found though the others of its time are forgotten. */
  @Test
  void theBestEpochIsKept() {
    int all = 2 * TrainingState.MOST_EPOCHS;
    int[] epoch = {0};
    CheckpointFolder checkpoints = new CheckpointFolder(folder, 1);
    try (Session session = Session.open("reference")) {
      trainer(session, all)
          .monitor(_ -> Math.abs(++epoch[0] - 3))
          .earlyStop(all)
          .saveTo(checkpoints, Cadence.everyEpochs(all), Map.of())
          .fit(data);
    }
    List<EpochResult> kept = checkpoints.newest().state().epochs();
    assertEquals(TrainingState.MOST_EPOCHS + 1, kept.size());
    assertEquals(3, kept.getFirst().epoch());
    try (Session session = Session.open("reference")) {
      TrainingResult result =
          trainer(session, all)
              .monitor(_ -> 0)
              .earlyStop(all)
              .resume(checkpoints.newest())
              .fit(data);
      assertEquals(3, result.keptEpoch());
      assertEquals(kept.getFirst(), result.kept());
    }
  }

  @Test
  void eventFilesDoNotGrow() throws IOException {
    try (Session session = Session.open("reference")) {
      Module model = model(session);
      long shorter = events(model, 2000);
      long longer = events(model, 8000);
      assertTrue(longer < 1.05 * shorter, longer + " bytes instead of " + shorter);
    }
  }

  /** Size of an event file for a number of epochs. */
  private long events(Module model, int epochs) throws IOException {
    Path to = folder.resolve("events-" + epochs);
    EventWriter events = new EventWriter(to);
    try (TensorBoardListener listener = new TensorBoardListener(events, model, null, epochs)) {
      IntStream.rangeClosed(1, epochs).mapToObj(LongTrainingTest::epoch).forEach(listener::onEpoch);
    }
    return Files.size(events.file());
  }

  private static EpochResult epoch(int number) {
    return new EpochResult(
        number, 1_000_000L + number, new Evaluation(0.5, 0.9), null, 0.01, 0.7, 1.5, 1000);
  }

  private static List<Integer> numbers(List<EpochResult> epochs) {
    List<Integer> numbers = new ArrayList<>();
    epochs.forEach(e -> numbers.add(e.epoch()));
    return numbers;
  }
}
