package talweg.tensorboard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import talweg.data.Dataset;
import talweg.io.FaultyFileSystem;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.optim.Optimizers;
import talweg.session.Session;
import talweg.train.Cadence;
import talweg.train.CheckpointFolder;
import talweg.train.EpochResult;
import talweg.train.Objective;
import talweg.train.Trainer;
import talweg.train.TrainerOptions;
import talweg.train.TrainingListener;

/** The events' disk becomes full in the middle of a training, which goes on. */
class FullDiskTest {
  private static final int EPOCHS = 6;

  @TempDir Path folder;

  private final Dataset line =
      Dataset.regression(
          "line",
          new float[] {1, 0, 0, 1, 1, 1, -1, 2},
          new int[] {2},
          new float[] {2, -1, 0.5f, -4},
          List.of("y"));

  @Test
  void theTrainingGoesOnAndItsCheckpointsStand() {
    Path shown = FaultyFileSystem.over(folder);
    List<Long> sizes = new ArrayList<>();
    List<Long> undisturbed = new ArrayList<>();
    float[] weights = train(shown, 2, 4, sizes);
    assertArrayEquals(train(shown, EPOCHS, EPOCHS, undisturbed), weights);
    assertEquals(EPOCHS, sizes.size());
    assertEquals(sizes.get(1), sizes.get(2), "full");
    assertEquals(sizes.get(1), sizes.get(3), "full");
    assertEquals(undisturbed.subList(0, 2), sizes.subList(0, 2));
    assertEquals(undisturbed.subList(4, 6), sizes.subList(4, 6), "nothing is missing");
    CheckpointFolder checkpoints = new CheckpointFolder(folder.resolve("checkpoint"), EPOCHS);
    assertEquals(EPOCHS, checkpoints.files().size());
  }

  /** Trains with a disk that is full for the epochs behind {@code from} up to {@code to}. */
  private float[] train(Path events, int from, int to, List<Long> sizes) {
    FaultyFileSystem disk = FaultyFileSystem.of(events);
    try (Session session = Session.open("reference");
        EventWriter writer = new EventWriter(events)) {
      Module model = new Sequential(new Linear(2, 1)).init(session, 3);
      Trainer trainer =
          new Trainer(
                  model,
                  Objective.named("mse"),
                  Optimizers.adamW(0.1),
                  TrainerOptions.of(EPOCHS, 2))
              .saveTo(
                  new CheckpointFolder(folder.resolve("checkpoint"), EPOCHS),
                  Cadence.everyEpochs(1),
                  Map.of());
      trainer.listen(
          new TrainingListener() {
            @Override
            public void onEpoch(EpochResult result) {
              disk.failing(_ -> result.epoch() > from && result.epoch() <= to);
            }
          });
      trainer.listen(new TensorBoardListener(writer, model, null));
      trainer.listen(
          new TrainingListener() {
            @Override
            public void onEpoch(EpochResult result) {
              sizes.add(size(folder.resolve(writer.file().getFileName().toString())));
            }
          });
      trainer.fit(line);
      return model.trainable().getFirst().value().toFloats();
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
