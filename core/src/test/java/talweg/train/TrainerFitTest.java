package talweg.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import talweg.data.Dataset;
import talweg.data.Idx;
import talweg.error.CheckpointException;
import talweg.error.TalwegException;
import talweg.nn.Flatten;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.optim.Optimizers;
import talweg.session.Session;
import talweg.tensor.DType;

/** What a fit begins with. */
class TrainerFitTest {
  private static final int BATCH = 2;

  @TempDir Path folder;

  private final Session session = Session.open("reference");
  private final Module model = new Sequential(new Linear(2, 2)).init(session, 1);
  private final Dataset data = points("data", 0);
  private final Dataset held = points("held out", 0.5f);

  private Trainer last;

  @AfterEach
  void close() {
    session.close();
  }

  private static Dataset points(String name, float shift) {
    float[] x = {0, 1, 1, 0, 2, 2, -1, 3, 1, 1, 0, shift};
    return Dataset.classification(name, x, new int[] {2}, new int[] {0, 1, 0, 1, 1, 0}, 2);
  }

  /** The next trainer of the model, which one at a time may train. */
  private Trainer trainer(int epochs) {
    if (last != null) {
      last.close();
    }
    last =
        new Trainer(
            model, Objective.crossEntropy(), Optimizers.sgd(0.1), TrainerOptions.of(epochs, BATCH));
    return last;
  }

  @Test
  void dataThatDoNotFitTheLossAreRefusedBeforeAnyStep() {
    Dataset numbers =
        Dataset.regression(
            "numbers",
            data.features(),
            new int[] {2},
            new float[] {1, 2, 3, 4, 5, 6},
            List.of("y"));
    double[] before = weights();
    Trainer trainer = trainer(1);
    TalwegException error = assertThrows(TalwegException.class, () -> trainer.fit(numbers));
    assertTrue(error.getMessage().contains("needs class labels"), error.getMessage());
    assertEquals(0, trainer.optimizer().attemptedSteps());
    assertArrayEquals(before, weights());
  }

  @Test
  void aModelThatWasCastOrMovedIsRefusedByName() {
    for (boolean cast : new boolean[] {true, false}) {
      try (Session other = Session.open("reference")) {
        Trainer trainer = trainer(1);
        trainer.fit(data);
        Module changed = cast ? model.to(DType.F64) : model.to(other);
        double[] before = weights();
        List<Executable> uses =
            List.of(
                () -> trainer.fit(data),
                () -> trainer.evaluate(data),
                () -> trainer.rateTest(data, new RateRange(1e-4, 1, 10)));
        for (Executable use : uses) {
          String message = assertThrows(TalwegException.class, use).getMessage();
          assertTrue(message.contains("\"0.weight\""), message);
          assertTrue(message.contains("were replaced (by init or to)"), message);
        }
        assertArrayEquals(before, weights());
        changed.to(session).to(DType.F32);
      }
    }
  }

  /** They can be evaluated, though not trained. */
  @Test
  void newFirstValuesAreEvaluated() {
    Trainer trainer = trainer(1);
    double before = trainer.evaluate(data).loss();
    model.init(session, 1);
    assertEquals(before, trainer.evaluate(data).loss());
    assertThrows(TalwegException.class, () -> trainer.fit(data));
  }

  @Test
  void nothingIsNoData() {
    Trainer trainer = trainer(1);
    List<Executable> uses =
        List.of(
            () -> trainer.fit(null),
            () -> trainer.evaluate(null),
            () -> trainer.rateTest(null, new RateRange(1e-4, 1, 10)),
            () -> Evaluation.of(model, Objective.crossEntropy(), null));
    for (Executable use : uses) {
      String message = assertThrows(IllegalArgumentException.class, use).getMessage();
      assertEquals("trainer: data set: expected a value, got null", message);
    }
    String message =
        assertThrows(IllegalArgumentException.class, () -> TrainerOptions.of(1, 1).optimizer(null))
            .getMessage();
    assertEquals("trainer: options of the optimizer: expected a value, got null", message);
  }

  /** Its own epochs only: a better one of the training before is forgotten. */
  @Test
  void aSecondFitHasItsOwnBestEpoch() {
    double[] values = {1, 2, 5, 4};
    int[] next = {0};
    Trainer trainer = trainer(2).monitor(_ -> values[next[0]++]).earlyStop(2);
    trainer.fit(data);
    assertEquals(1, trainer.best().value());
    trainer.fit(data);
    assertEquals(4, trainer.best().value());
    assertEquals(2, trainer.best().epoch());
  }

  @Test
  void resumingWithOtherHeldOutDataIsRefused() {
    saving(trainer(1)).fit(data, held);
    Checkpoint from = new CheckpointFolder(folder, 1).newest();
    for (Dataset other : new Dataset[] {points("held out", 0.25f), null}) {
      Trainer trainer = trainer(2).resume(from);
      String message =
          assertThrows(
                  CheckpointException.class,
                  () -> {
                    if (other == null) {
                      trainer.fit(data);
                    } else {
                      trainer.fit(data, other);
                    }
                  })
              .getMessage();
      assertTrue(message.contains("SHA-256"), message);
      assertFalse(message.contains("training data"), message);
    }
    assertEquals(2, trainer(2).resume(from).fit(data, held).epochs().size());
  }

  /** What a killed process left half written; whatever else lies there stays. */
  @Test
  void halfWrittenCheckpointsAreDeletedAtTheStart() throws IOException {
    Path half = Files.writeString(folder.resolve("step-000000099.safetensors.tmp"), "half");
    Path other = Files.writeString(folder.resolve("notes.tmp"), "mine");
    saving(trainer(1)).fit(data);
    assertFalse(Files.exists(half));
    assertTrue(Files.exists(other));
  }

  private Trainer saving(Trainer trainer) {
    trainer.saveTo(new CheckpointFolder(folder, 1), Cadence.everyEpochs(1), Map.of());
    return trainer;
  }

  private double[] weights() {
    return model.trainable().getFirst().value().toDoubles();
  }

  /** An interrupt is the caller's business; it must not cost the checkpoints. */
  @Test
  void anInterruptedThreadSavesAndStaysInterrupted() {
    CheckpointFolder checkpoints = new CheckpointFolder(folder, 9);
    Thread.currentThread().interrupt();
    trainer(2).saveTo(checkpoints, Cadence.everySteps(1), Map.of()).fit(data);
    assertTrue(Thread.interrupted());
    assertEquals(6, checkpoints.files().size());
    assertEquals(2, checkpoints.newest().epochs());
  }

  /** What is streamed from a file is read whenever it is needed. */
  @Test
  void aFileThatChangesUnderATrainingIsToldOnce() throws IOException {
    Path images = folder.resolve("train-images-idx3-ubyte");
    byte[] header = {0, 0, 8, 3, 0, 0, 0, 10, 0, 0, 0, 1, 0, 0, 0, 2};
    Files.write(images, Arrays.copyOf(header, header.length + 20));
    byte[] labels = {0, 0, 8, 1, 0, 0, 0, 10, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
    Files.write(folder.resolve("train-labels-idx1-ubyte"), labels);
    List<String> notices = new ArrayList<>();
    Module flat = new Sequential(new Flatten(), new Linear(2, 2)).init(session, 1);
    new Trainer(flat, Objective.crossEntropy(), Optimizers.sgd(0.1), TrainerOptions.of(4, BATCH))
        .listen(
            new TrainingListener() {
              @Override
              public void onNotice(String notice) {
                notices.add(notice);
              }

              @Override
              public void onEpoch(EpochResult result) {
                if (result.epoch() == 2) {
                  touch(images);
                }
              }
            })
        .fit(Idx.stream(folder).train());
    assertEquals(1, notices.size(), notices.toString());
    assertTrue(
        notices.getFirst().startsWith(images + " was changed")
            && notices.getFirst().contains("before the end of epoch 2"),
        notices.toString());
  }

  private static void touch(Path file) {
    try {
      Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000_000_000L));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
