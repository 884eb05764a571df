package talweg.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import talweg.data.Dataset;
import talweg.error.CheckpointException;
import talweg.error.DataFormatException;
import talweg.error.InputNotFoundException;
import talweg.error.NonFiniteException;
import talweg.io.FaultyFileSystem;
import talweg.io.HostTensor;
import talweg.io.Safetensors;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.optim.Optimizers;
import talweg.session.Session;
import talweg.tensor.DType;

class CheckpointFolderTest {
  @TempDir Path folder;

  private final Dataset data =
      Dataset.classification(
          "points",
          new float[] {0, 1, 1, 0, 2, 2, -1, 3, 1, 1, 0, 0},
          new int[] {2},
          new int[] {0, 1, 0, 1, 1, 0},
          2);

  // ---- retention and damage

  @Test
  void theNewestAreKept() {
    train(folder, 2, 4);
    assertEquals(List.of("step-000000012.safetensors", "step-000000011.safetensors"), names());
  }

  @Test
  void aDamagedNewestFallsBackToTheOneBefore() throws IOException {
    train(folder, 3, 4);
    List<Path> files = new CheckpointFolder(folder, 3).files();
    flip(files.get(0));
    assertEquals(files.get(1), new CheckpointFolder(folder, 3).newest().file());
    Files.write(files.get(1), new byte[0]);
    assertEquals(files.get(2), new CheckpointFolder(folder, 3).newest().file());
    Files.write(files.get(2), Arrays.copyOf(Files.readAllBytes(files.get(2)), 500));
    String message =
        assertThrows(CheckpointException.class, () -> new CheckpointFolder(folder, 3).newest())
            .getMessage();
    for (Path file : files) {
      assertTrue(message.contains(file.getFileName().toString()), message);
    }
    assertTrue(message.contains("SHA-256"), message);
  }

  /** Else the damaged ones would count as the newest, and good ones would be deleted for them. */
  @Test
  void damagedOnesGoWhenTheTrainingGoesOnFromAnEarlierOne() throws IOException {
    train(folder, 3, 4);
    List<Path> files = new CheckpointFolder(folder, 3).files();
    flip(files.get(0));
    flip(files.get(1));
    Checkpoint from = new CheckpointFolder(folder, 1).newest();
    assertEquals(files.get(2), from.file());
    Map<String, HostTensor> tensors = Safetensors.read(from.file()).tensors();
    Map<String, String> metadata = Safetensors.read(from.file()).metadata();
    new CheckpointFolder(folder, 1).save(10, tensors, metadata);
    assertEquals(List.of("step-000000010.safetensors"), names());
  }

  @Test
  void otherFilesAreLeftAlone() throws IOException {
    Path notes = Files.writeString(folder.resolve("step-1.txt"), "mine");
    Path half = Files.writeString(folder.resolve("step-000000001.safetensors.tmp"), "half");
    train(folder, 1, 1);
    assertTrue(Files.exists(notes));
    assertFalse(Files.exists(half));
  }

  /** Between listing and reading, a training may have deleted what it has newer ones of. */
  @Test
  void aReaderBesideAWriterFindsTheNewerOne() {
    train(folder, 1, 1);
    Path seen = new CheckpointFolder(folder, 1).files().getFirst();
    Safetensors.Content content = Safetensors.read(seen);
    Path shown = FaultyFileSystem.over(folder);
    int[] calls = {0};
    FaultyFileSystem.of(shown)
        .failing(_ -> {
          if (calls[0]++ == 0) {
            new CheckpointFolder(folder, 1).save(99, content.tensors(), content.metadata());
          }
          return false;
        });
    Checkpoint found = new CheckpointFolder(shown, 1).newest();
    assertEquals("step-000000099.safetensors", found.file().getFileName().toString());
    assertFalse(Files.exists(seen));
  }

  @Test
  void noCheckpointsIsMissingInput() {
    assertThrows(InputNotFoundException.class, () -> new CheckpointFolder(folder, 1).newest());
    assertThrows(
        InputNotFoundException.class,
        () -> new CheckpointFolder(folder.resolve("nothing"), 1).newest());
  }

  @Test
  void modelsAndFilesOfLaterVersionsAreNoCheckpoints() {
    train(folder, 1, 1);
    Path file = new CheckpointFolder(folder, 1).files().getFirst();
    Safetensors.Content content = Safetensors.read(file);
    Path other = folder.resolve("other.safetensors");
    Safetensors.write(other, content.tensors(), Map.of("format", "pt"));
    assertThrows(DataFormatException.class, () -> Checkpoint.read(other));
    String state = content.metadata().get(Checkpoint.STATE_KEY);
    write(other, content, Integer.toString(Checkpoint.FORMAT + 1), state);
    String message =
        assertThrows(NewerCheckpointException.class, () -> Checkpoint.read(other)).getMessage();
    String known =
        "%d or older, got %d; use the newer".formatted(Checkpoint.FORMAT, Checkpoint.FORMAT + 1);
    assertTrue(message.contains(known), message);
    for (String format : List.of("0", "one", "-1", "")) {
      write(other, content, format, state);
      assertThrows(DataFormatException.class, () -> Checkpoint.read(other));
    }
  }

  /** An older program must not resume before the newest checkpoint, and delete what follows. */
  @Test
  void aCheckpointOfALaterVersionIsNotPassedOver() {
    train(folder, 2, 2);
    CheckpointFolder checkpoints = new CheckpointFolder(folder, 2);
    Path newest = checkpoints.files().getFirst();
    Safetensors.Content content = Safetensors.read(newest);
    String state = content.metadata().get(Checkpoint.STATE_KEY);
    write(newest, content, Integer.toString(Checkpoint.FORMAT + 1), state);
    CheckpointException refused = assertThrows(CheckpointException.class, checkpoints::newest);
    assertTrue(refused.getMessage().contains(newest + ": expected"), refused.getMessage());
    assertEquals(2, checkpoints.files().size());
  }

  @Test
  void aSettingOfALaterVersionIsRefused() {
    train(folder, 1, 2);
    Path file = new CheckpointFolder(folder, 1).files().getFirst();
    Safetensors.Content content = Safetensors.read(file);
    String state = content.metadata().get(Checkpoint.STATE_KEY);
    String more = state.replace("\"settings\":{", "\"settings\":{\"tides\":\"high\",");
    write(file, content, Integer.toString(Checkpoint.FORMAT), more);
    try (Session session = Session.open("reference")) {
      assertRefused(trainer(session, 2, 3), Checkpoint.read(file), "tides high");
    }
  }

  private static void write(Path file, Safetensors.Content content, String format, String state) {
    Safetensors.write(
        file,
        content.tensors(),
        Map.of(Checkpoint.FORMAT_KEY, format, Checkpoint.STATE_KEY, state));
  }

  // ---- what does not fit

  @Test
  void anotherTrainingIsRefusedByName() {
    train(folder, 1, 2);
    Checkpoint from = new CheckpointFolder(folder, 1).newest();
    try (Session session = Session.open("reference")) {
      assertRefused(trainer(session, 3, 3), from, "batch 2, this one has 3");
      assertRefused(
          new Trainer(
              model(session),
              Objective.crossEntropy(),
              Optimizers.adamW(1e-2),
              TrainerOptions.of(3, 2)),
          from,
          "optimizer");
      assertRefused(
          new Trainer(
              model(session),
              Objective.crossEntropy(),
              Optimizers.sgd(0.5),
              TrainerOptions.of(2, 2)),
          from,
          "schedule");
      Trainer wider =
          new Trainer(
              new Sequential(new Linear(2, 3), new Linear(3, 2)).init(session, 1),
              Objective.crossEntropy(),
              List.of(
                  new talweg.optim.ParameterGroup(model(session).trainable(), Optimizers.sgd(0.1))),
              TrainerOptions.of(2, 2));
      assertThrows(DataFormatException.class, () -> wider.resume(from));
      Trainer fits = trainer(session, 2, 3).resume(from);
      Dataset other = data.subset(new int[] {0, 1, 2});
      String message = assertThrows(CheckpointException.class, () -> fits.fit(other)).getMessage();
      assertTrue(message.contains("training data"), message);
    }
  }

  private static void assertRefused(Trainer trainer, Checkpoint from, String expected) {
    String message =
        assertThrows(CheckpointException.class, () -> trainer.resume(from)).getMessage();
    assertTrue(message.contains(expected), message);
  }

  // ---- faults

  /** The disk is full, or a write fails for another reason, at each of its operations. */
  @Test
  void whateverFailsAnEarlierCheckpointStandsAndNothingIsLeftHalfWritten() throws IOException {
    long operations = saving(Long.MAX_VALUE, Long.MAX_VALUE, folder.resolve("good"));
    assertTrue(operations > 8, "operations: " + operations);
    int refused = 0;
    for (long n = 1; n <= operations; n++) {
      Path real = folder.resolve("fail-" + n);
      try {
        saving(n, Long.MAX_VALUE, real);
      } catch (CheckpointException e) {
        refused++;
        assertTrue(e.getMessage().contains("No space left"), e.getMessage());
      }
      assertStands(real, n);
      try (Stream<Path> files = Files.list(real.resolve("run/checkpoint"))) {
        assertTrue(files.noneMatch(f -> f.toString().endsWith(".tmp")), "operation " + n);
      }
    }
    assertTrue(refused >= operations - 2, refused + " of " + operations);
  }

  /** The power is cut at each operation; only what was forced is there afterwards. */
  @Test
  void afterAPowerCutThereIsAWholeCheckpoint() throws IOException {
    long operations = saving(Long.MAX_VALUE, Long.MAX_VALUE, folder.resolve("good"));
    List<Long> steps = new ArrayList<>();
    for (long n = 1; n <= operations; n++) {
      Path real = folder.resolve("cut-" + n);
      long at = n;
      assertThrows(
          FaultyFileSystem.PowerCut.class, () -> saving(Long.MAX_VALUE, at, real), "cut " + n);
      steps.add(assertStands(real, n));
      CheckpointFolder again = new CheckpointFolder(real.resolve("run/checkpoint"), 1);
      again.clean();
      assertTrue(again.files().size() <= 2, "operation " + n);
    }
    assertEquals(steps.stream().sorted().toList(), steps, "never back again");
  }

  /**
   * Saves step 1, then step 2 over it with faults at an operation of the second.
   *
   * @return operations of the second
   */
  private long saving(long failAt, long cutAt, Path real) throws IOException {
    train(folder.resolve("source"), 1, 1);
    Path source = new CheckpointFolder(folder.resolve("source"), 1).files().getFirst();
    Safetensors.Content content = Safetensors.read(source);
    Files.createDirectories(real);
    Path shown = FaultyFileSystem.over(real);
    CheckpointFolder to = new CheckpointFolder(shown.resolve("run/checkpoint"), 1);
    to.save(1, content.tensors(), content.metadata());
    FaultyFileSystem files = FaultyFileSystem.of(shown);
    long before = files.operations();
    files.failing(n -> n - before == failAt);
    files.cutAt(cutAt == Long.MAX_VALUE ? cutAt : before + cutAt);
    to.save(2, content.tensors(), content.metadata());
    return files.operations() - before;
  }

  private static long assertStands(Path real, long operation) {
    Path newest = new CheckpointFolder(real.resolve("run/checkpoint"), 1).newest().file();
    String name = newest.getFileName().toString();
    assertTrue(name.matches("step-00000000[12]\\.safetensors"), name + " at " + operation);
    return name.charAt(13) - '0';
  }

  @Test
  void aFullDiskDuringTrainingIsAWarningUntilTheEnd() {
    Path shown = FaultyFileSystem.over(folder);
    FaultyFileSystem files = FaultyFileSystem.of(shown);
    long[] window = {0, 0};
    try (Session session = Session.open("reference")) {
      Trainer trainer = trainer(session, 2, 6);
      trainer.saveTo(new CheckpointFolder(shown, 2), Cadence.everySteps(1), Map.of());
      files.failing(n -> n >= window[0] && n < window[1]);
      trainer.listen(
          new TrainingListener() {
            @Override
            public void onEpoch(EpochResult result) {
              if (result.epoch() == 2) {
                window[0] = files.operations();
                window[1] = Long.MAX_VALUE;
              } else if (result.epoch() == 4) {
                window[1] = 0;
              }
            }
          });
      assertEquals(18, trainer.fit(data).steps());
    }
    assertEquals("step-000000018.safetensors", names().getFirst());
  }

  @Test
  void aFolderThatCannotBeWrittenIsAnErrorAtTheFirstCheckpoint() throws IOException {
    Path blocked = Files.writeString(folder.resolve("file"), "not a folder");
    assertThrows(CheckpointException.class, () -> train(blocked.resolve("inside"), 1, 1));
    Path shown = FaultyFileSystem.over(folder);
    FaultyFileSystem.of(shown).failing(_ -> true);
    String message = assertThrows(CheckpointException.class, () -> train(shown, 1, 1)).getMessage();
    assertTrue(message.contains("make room on the disk"), message);
  }

  /** It is there when the folder is listed, and gone, or unreadable, when it is opened. */
  @Test
  void aFileThatVanishesFallsBackToTheOneBefore() {
    train(folder, 2, 2);
    Path shown = FaultyFileSystem.over(folder);
    FaultyFileSystem.of(shown).failing(n -> n == 1);
    assertEquals(
        "step-000000005.safetensors",
        new CheckpointFolder(shown, 2).newest().file().getFileName().toString());
    FaultyFileSystem.of(shown).failing(n -> n > 4);
    assertThrows(CheckpointException.class, () -> new CheckpointFolder(shown, 2).newest());
  }

  @Test
  void divergenceNamesTheLastGoodCheckpoint() {
    try (Session session = Session.open("reference")) {
      Trainer trainer =
          new Trainer(
              model(session),
              Objective.crossEntropy(),
              Optimizers.sgd(1e38),
              TrainerOptions.of(5, 2));
      trainer.saveTo(new CheckpointFolder(folder, 9), Cadence.everySteps(1), Map.of());
      NonFiniteException error = assertThrows(NonFiniteException.class, () -> trainer.fit(data));
      Path newest = new CheckpointFolder(folder, 9).newest().file();
      assertTrue(error.getMessage().contains("checkpoint is " + newest), error.getMessage());
      assertTrue(error.step() > 1 && error.parameter() != null, error.getMessage());
    }
  }

  // ---- stopping

  @Test
  void earlyStoppingKeepsTheBestWeights() {
    double[] worth = {3, 1, 2, 1, 5, 0};
    try (Session session = Session.open("reference")) {
      Module model = model(session);
      List<float[]> weights = new ArrayList<>();
      int[] epoch = {0};
      Trainer trainer =
          new Trainer(
              model, Objective.crossEntropy(), Optimizers.sgd(0.1), TrainerOptions.of(6, 2));
      trainer.monitor(_ -> worth[epoch[0]++]).earlyStop(3);
      trainer.listen(
          new TrainingListener() {
            @Override
            public void onEpoch(EpochResult result) {
              weights.add(model.state().get("0.weight").toFloats());
            }
          });
      TrainingResult result = trainer.fit(data);
      assertEquals(Ending.EARLY, result.ending());
      assertEquals(5, result.epochs().size());
      assertEquals(2, result.kept().epoch());
      assertTrue(
          Arrays.equals(weights.get(1), model.state().get("0.weight").toFloats())
              && !Arrays.equals(weights.get(1), weights.get(4)));
    }
  }

  @Test
  void bestWeightsSurviveAnInterruption() {
    double[] worth = {3, 1, 2, 4};
    int[] epoch = {0};
    float[] best;
    try (Session session = Session.open("reference")) {
      Trainer trainer = trainer(session, 2, 3).monitor(_ -> worth[epoch[0]++]).earlyStop(2);
      trainer.saveTo(new CheckpointFolder(folder, 1), Cadence.everyEpochs(1), Map.of());
      assertEquals(2, trainer.fit(data).keptEpoch());
      best = floats(trainer.best().weights().get("0.weight"), session);
    }
    try (Session session = Session.open("reference")) {
      Module model = model(session);
      Trainer trainer =
          new Trainer(model, Objective.crossEntropy(), Optimizers.sgd(0.1), TrainerOptions.of(6, 2))
              .monitor(_ -> worth[epoch[0]++])
              .earlyStop(2);
      TrainingResult result = trainer.resume(new CheckpointFolder(folder, 1).newest()).fit(data);
      assertEquals(Ending.EARLY, result.ending());
      assertEquals(4, result.epochs().size());
      assertEquals(2, result.keptEpoch());
      assertTrue(Arrays.equals(best, model.state().get("0.weight").toFloats()));
    }
  }

  @Test
  void aStopEndsAfterTheStepAndSaves() {
    try (Session session = Session.open("reference")) {
      Trainer trainer = trainer(session, 2, 5);
      trainer.saveTo(new CheckpointFolder(folder, 3), Cadence.everySteps(2), Map.of());
      trainer.listen(
          new TrainingListener() {
            @Override
            public void onCheckpoint(Path file) {
              trainer.stop();
            }
          });
      TrainingResult result = trainer.fit(data);
      assertEquals(Ending.STOPPED, result.ending());
      assertEquals(List.of(), result.epochs().stream().skip(1).toList());
      assertEquals(3, result.steps());
      assertEquals("step-000000003.safetensors", names().getFirst());
    }
  }

  // ---- parts

  private void train(Path to, int keep, int epochs) {
    try (Session session = Session.open("reference")) {
      trainer(session, 2, epochs)
          .saveTo(new CheckpointFolder(to, keep), Cadence.everySteps(1), Map.of())
          .fit(data);
    }
  }

  private Trainer trainer(Session session, int batch, int epochs) {
    return new Trainer(
        model(session),
        Objective.crossEntropy(),
        Optimizers.sgd(0.1),
        TrainerOptions.of(epochs, batch));
  }

  private static Module model(Session session) {
    return new Sequential(new Linear(2, 2)).init(session, 1);
  }

  private static float[] floats(HostTensor tensor, Session session) {
    var target = session.zeros(DType.F32, tensor.shape().dims());
    tensor.into(target);
    return target.toFloats();
  }

  private List<String> names() {
    return new CheckpointFolder(folder, 1)
        .files().stream().map(f -> f.getFileName().toString()).toList();
  }

  private static void flip(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 3] ^= 4;
    Files.write(file, bytes);
  }
}
