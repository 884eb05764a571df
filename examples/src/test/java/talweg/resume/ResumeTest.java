package talweg.resume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import talweg.data.Dataset;
import talweg.io.HostTensor;
import talweg.io.Safetensors;
import talweg.nn.Activation;
import talweg.nn.BatchNorm;
import talweg.nn.Dropout;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.op.NonFinite;
import talweg.optim.Clip;
import talweg.optim.OptimizerOptions;
import talweg.optim.OptimizerSpec;
import talweg.optim.Optimizers;
import talweg.optim.ParameterGroup;
import talweg.optim.Schedule;
import talweg.optim.schedule.Plateau;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.train.Cadence;
import talweg.train.Checkpoint;
import talweg.train.CheckpointFolder;
import talweg.train.EpochResult;
import talweg.train.Evaluation;
import talweg.train.Objective;
import talweg.train.Trainer;
import talweg.train.TrainerOptions;
import talweg.train.TrainingResult;

/**
 * A training that goes on from any of its checkpoints, in a new session, ends with every bit that
 * the uninterrupted one has: weights, buffers, states, step state, metrics.
 */
class ResumeTest {
  private static final long SEED = 11;

  /** Batches of 8: 7 in an epoch, the last one small. */
  private static final int EXAMPLES = 50;

  private static final int EPOCHS = 4;

  private static final Cadence AT_THE_END = Cadence.everyEpochs(1000);

  @TempDir Path folder;

  private final Dataset data = spirals(EXAMPLES, SEED);
  private final Dataset test = spirals(20, SEED + 1);

  /** One way to train. */
  private record Scenario(
      String name, String backend, DType dtype, OptimizerSpec spec, OptimizerOptions options) {
    @Override
    public String toString() {
      return name + " on " + backend + " in " + dtype;
    }
  }

  static Stream<Scenario> scenarios() {
    OptimizerOptions plain = OptimizerOptions.DEFAULT;
    Schedule cosine = new Schedule.Warmup(5, new Schedule.Cosine(1e-2, 23, 1e-4));
    List<Scenario> all = new ArrayList<>();
    for (String backend : List.of("reference", "cpu")) {
      for (DType dtype : List.of(DType.F32, DType.F64)) {
        add(
            all,
            backend,
            dtype,
            "adamw",
            Optimizers.adamW(1).schedule(cosine),
            plain.clip(Clip.byGlobalNorm(0.5)));
        add(all, backend, dtype, "lamb", Optimizers.lamb(1).schedule(cosine), plain.accumulate(3));
        add(
            all,
            backend,
            dtype,
            "momentum",
            Optimizers.sgd(0.9, 0, false, 0).schedule(plateau()),
            plain.clip(new Clip.ByValue(0.1)));
      }
      add(all, backend, DType.F32, "composed", Optimizers.adamW(1e-2), plain.composed(true));
      add(
          all,
          backend,
          DType.F32,
          "accumulating",
          Optimizers.adamW(1).schedule(plateau()),
          plain.accumulate(2).nonFinite(NonFinite.SKIP));
      add(all, backend, DType.F32, "nadam", Optimizers.nadam(1e-2), plain);
      add(all, backend, DType.F32, "radam", Optimizers.radam(1e-2), plain.clip(Clip.adaptive(0.1)));
      add(
          all,
          backend,
          DType.F32,
          "adadelta",
          Optimizers.adadelta(1),
          plain.nonFinite(NonFinite.PROPAGATE));
    }
    return all.stream();
  }

  static Stream<Scenario> someScenarios() {
    return scenarios()
        .filter(s -> s.dtype == DType.F32 && s.options.clip() != Clip.none())
        .limit(3);
  }

  private static void add(
      List<Scenario> all,
      String backend,
      DType dtype,
      String name,
      OptimizerSpec spec,
      OptimizerOptions options) {
    all.add(new Scenario(name, backend, dtype, spec, options));
  }

  /** It must lower the rate within the few epochs, which none of these losses prevents. */
  private static Schedule plateau() {
    return new Plateau(
        0.05, Plateau.Goal.MIN, 0.5, 0, 0.9, true, 0, 0, 0, 0, 0, Double.POSITIVE_INFINITY);
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void everyCheckpointLeadsToTheSameBits(Scenario scenario) {
    CheckpointFolder whole = new CheckpointFolder(folder.resolve("whole"), 1000);
    TrainingResult uninterrupted = train(scenario, whole, Cadence.everySteps(1), null, EPOCHS);
    List<Path> files = whole.files();
    int steps = Math.ceilDiv(7, scenario.options.accumulate()) * EPOCHS;
    assertEquals(steps, files.size());
    Map<String, HostTensor> expected = Safetensors.read(files.getFirst()).tensors();
    for (int i = 1; i < files.size(); i += 8) {
      Checkpoint from = Checkpoint.read(files.get(i));
      CheckpointFolder rest = new CheckpointFolder(folder.resolve("from-" + i), 1);
      TrainingResult resumed = train(scenario, rest, AT_THE_END, from, EPOCHS);
      assertSameBits(expected, Safetensors.read(rest.files().getFirst()).tensors());
      assertSameFigures(uninterrupted, resumed);
    }
  }

  /** Half as many epochs are planned first, with schedules that do not depend on their number. */
  @ParameterizedTest
  @MethodSource("someScenarios")
  void aFinishedTrainingGoesOnForMoreEpochs(Scenario scenario) {
    CheckpointFolder whole = new CheckpointFolder(folder.resolve("whole"), 1);
    TrainingResult uninterrupted = train(scenario, whole, AT_THE_END, null, EPOCHS);
    CheckpointFolder parts = new CheckpointFolder(folder.resolve("parts"), 1);
    train(scenario, parts, AT_THE_END, null, EPOCHS / 2);
    TrainingResult resumed = train(scenario, parts, AT_THE_END, parts.newest(), EPOCHS);
    assertSameBits(
        Safetensors.read(whole.files().getFirst()).tensors(),
        Safetensors.read(parts.files().getFirst()).tensors());
    assertSameFigures(uninterrupted, resumed);
  }

  private TrainingResult train(
      Scenario scenario, CheckpointFolder to, Cadence cadence, Checkpoint from, int epochs) {
    try (Session session = Session.open(scenario.backend)) {
      Module model =
          new Sequential(
                  new Linear(2, 16),
                  new BatchNorm(16),
                  new Activation(Activation.Kind.RELU),
                  new Dropout(0.3),
                  new Linear(16, 2))
              .init(session, scenario.dtype, SEED);
      List<ParameterGroup> groups = ParameterGroup.decayMatricesOnly(model, scenario.spec);
      TrainerOptions options = TrainerOptions.of(epochs, 8).seed(SEED).optimizer(scenario.options);
      Trainer trainer =
          new Trainer(model, Objective.crossEntropy(), groups, options)
              .monitor(Evaluation::accuracy, Plateau.Goal.MAX)
              .saveTo(to, cadence, Map.of("name", scenario.name));
      if (from != null) {
        assertEquals(Map.of("name", scenario.name), from.configuration());
        trainer.resume(from);
      }
      return trainer.fit(data, test);
    }
  }

  private static void assertSameBits(
      Map<String, HostTensor> expected, Map<String, HostTensor> actual) {
    assertEquals(expected.keySet(), actual.keySet());
    assertTrue(expected.containsKey("model.1.num_batches_tracked"), expected::toString);
    expected.forEach((name, tensor) -> {
      assertEquals(tensor.toString(), actual.get(name).toString());
      assertEquals(-1, tensor.data().mismatch(actual.get(name).data()), name);
    });
  }

  /** All but the time that it took. */
  private static void assertSameFigures(TrainingResult expected, TrainingResult actual) {
    assertEquals(expected.steps(), actual.steps());
    assertEquals(expected.ending(), actual.ending());
    assertEquals(
        expected.epochs().stream().map(ResumeTest::untimed).toList(),
        actual.epochs().stream().map(ResumeTest::untimed).toList());
  }

  private static EpochResult untimed(EpochResult r) {
    return new EpochResult(
        r.epoch(),
        r.steps(),
        r.train(),
        r.validation(),
        r.learningRate(),
        r.gradientNorm(),
        0,
        0,
        r.gradientNormMean(),
        r.gradientNormMax());
  }

  private static Dataset spirals(int n, long seed) {
    Random random = new Random(seed);
    float[] x = new float[2 * n];
    int[] labels = new int[n];
    for (int i = 0; i < n; i++) {
      labels[i] = i % 2;
      double angle = random.nextDouble() * 4 + Math.PI * labels[i];
      x[2 * i] = (float) (Math.cos(angle) * angle / 4);
      x[2 * i + 1] = (float) (Math.sin(angle) * angle / 4);
    }
    return Dataset.classification("spirals", x, new int[] {2}, labels, 2);
  }
}
