package talweg.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.data.Dataset;
import talweg.error.CaptureException;
import talweg.error.TalwegException;
import talweg.nn.Activation;
import talweg.nn.Dropout;
import talweg.nn.Linear;
import talweg.nn.Losses;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.op.RandomKind;
import talweg.optim.Optimizers;
import talweg.optim.ParameterGroup;
import talweg.reference.ReferenceProvider;
import talweg.session.Session;
import talweg.spi.DeviceSpec;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/** Capturing never changes what a training means. */
class ReplayableTest {
  private static final int EPOCHS = 3;
  private static final int BATCH = 4;

  /** 42 examples: ten full batches and a ragged one, so that each epoch times a step. */
  private static final int EXAMPLES = 42;

  /**
   * Three for each batch size, the third compared, and a further comparison from epoch to epoch.
   */
  private static final int CAPTURED = 2 * 3 + EPOCHS - 1;

  private final Session session = Session.open("reference");
  private final List<String> notices = new ArrayList<>();

  /** A module of a user's own. */
  private static final class Own extends Module {
    private final UnaryOperator<Tensor> function;
    private final boolean replayable;
    private int calls;

    Own(boolean replayable, UnaryOperator<Tensor> function) {
      this.replayable = replayable;
      this.function = function;
    }

    @Override
    public boolean isReplayable() {
      return replayable;
    }

    @Override
    protected Tensor compute(Tensor x) {
      if (!isTraining()) {
        return x;
      }
      calls++;
      return function.apply(x);
    }
  }

  @AfterEach
  void close() {
    session.close();
  }

  @Test
  void aModuleThatSaysNothingRunsInEveryStep() {
    Random coin = new Random(1);
    Own depth = new Own(false, x -> coin.nextBoolean() ? x : x.mul(2));
    TrainingResult result = fit(trainer(depth, Objective.crossEntropy()));
    assertEquals(result.steps(), depth.calls);
    assertEquals(1, notices.size(), notices::toString);
    String notice = notices.getFirst();
    assertTrue(notice.contains("layer \"1\" (Own)"), notice);
    assertTrue(notice.contains("isReplayable()"), notice);
    assertTrue(notice.matches(".*of \\d+ µs a step.*\\(\\d+ %\\).*"), notice);
  }

  @Test
  void aModuleThatDeclaresItselfIsCaptured() {
    Own doubling = new Own(true, x -> x.mul(2));
    fit(trainer(doubling, Objective.crossEntropy()));
    assertEquals(CAPTURED, doubling.calls);
    assertEquals(List.of(), notices);
  }

  @Test
  void aLossThatSaysNothingRunsInEveryStep() {
    int[] calls = {0};
    BinaryOperator<Tensor> counting =
        (x, y) -> {
          calls[0]++;
          return Losses.crossEntropy(x, y);
        };
    Objective own = new Objective("own", true, counting);
    long steps = fit(trainer(null, own)).steps();
    int evaluations = EPOCHS;
    assertEquals(steps + evaluations, calls[0]);
    assertTrue(notices.getFirst().contains("loss \"own\""), notices::toString);
    assertTrue(notices.getFirst().contains("asReplayable()"), notices::toString);
    calls[0] = 0;
    fit(trainer(null, own.asReplayable()));
    assertEquals(CAPTURED + evaluations, calls[0]);
  }

  @Test
  void capturingCanBeSwitchedOff() {
    Own doubling = new Own(true, x -> x.mul(2));
    Trainer trainer = trainer(doubling, Objective.crossEntropy()).capture(false);
    assertEquals(fit(trainer).steps(), doubling.calls);
    assertEquals(List.of(), notices);
  }

  /** Masks, class weights and positional codes are made where they are used. */
  @Test
  void constantsInForwardAndLossGiveTheSameBitsCapturedOrNot() {
    double[][] results = new double[2][];
    for (int captured = 0; captured < 2; captured++) {
      Own mask =
          new Own(
              true,
              x ->
                  x.mul(session.tensor(new float[] {1, 0.5f, 2, 0, 1, 3}, 6))
                      .add(session.tensor(new float[] {0.1f}, 1)));
      Objective weighted =
          new Objective(
                  "weighted",
                  true,
                  (x, y) -> Losses.crossEntropy(x.mul(session.tensor(new float[] {1, 2}, 2)), y))
              .asReplayable();
      Module model = network(mask).init(session, 4);
      Trainer trainer = trainer(model, weighted).capture(captured == 1);
      fit(trainer);
      assertTrue(captured == 0 || mask.calls == CAPTURED, "it is captured");
      results[captured] = weights(model);
    }
    assertArrayEquals(results[0], results[1]);
  }

  @Test
  void readingIsAllowedInModulesThatSayNothing() {
    Own reading =
        new Own(
            false,
            x -> {
              assertTrue(Double.isFinite(x.sum().item()));
              return x;
            });
    fit(trainer(reading, Objective.crossEntropy()));
  }

  @Test
  void readingInACapturedStepNamesLayerTrainerAndRemedy() {
    Own reading =
        new Own(
            true,
            x -> {
              x.sum().item();
              return x;
            });
    Trainer trainer = trainer(reading, Objective.crossEntropy());
    String message = assertThrows(CaptureException.class, () -> fit(trainer)).getMessage();
    assertTrue(message.contains("reading a tensor"), message);
    assertTrue(message.contains("in layer \"1\""), message);
    assertTrue(message.contains("trainer captures its steps"), message);
    assertTrue(message.contains("layer \"1\" (Own) declares to be replayable"), message);
    assertTrue(message.contains("trainer.capture(false)"), message);
  }

  /** Each does something else than what was recorded, at the latest in the second epoch. */
  @ParameterizedTest
  @ValueSource(strings = {"operations", "constants", "values", "tensors"})
  void aFalseDeclarationIsNoticedWithinAnEpoch(String how) {
    Tensor[] banks = {session.tensor(new float[] {1}, 1), session.tensor(new float[] {2}, 1)};
    int[] calls = {0};
    UnaryOperator<Tensor> changing =
        x -> {
          // Other than before from the fifth call on, which is the one that is compared.
          int late = calls[0]++ / 4 % 2;
          return switch (how) {
            case "operations" -> late == 0 ? x.tanh() : x.sigmoid();
            case "constants" -> x.mul(1 + late);
            case "values" -> x.mul(session.tensor(new float[] {1 + late}, 1));
            default -> x.mul(banks[late]);
          };
        };
    Trainer trainer = trainer(new Own(true, changing), Objective.crossEntropy());
    CaptureException error = assertThrows(CaptureException.class, () -> fit(trainer));
    assertTrue(error.getMessage().contains("operation "), error.getMessage());
    assertTrue(error.getMessage().contains("was recorded as"), error.getMessage());
    assertTrue(error.getMessage().contains("(Own) declares to be replayable"), error.getMessage());
  }

  /**
   * Batches per epoch, epochs, and which steps do other work each time: those of all batches, of
   * full ones or of the small last one, or of that one from its seventh on.
   */
  @ParameterizedTest
  @CsvSource({
    "3, 1, all",
    "5, 1, all",
    "2, 2, all",
    "1, 3, all",
    "2, 3, full",
    "2, 3, small",
    "9, 3, small",
    "2, 30, late",
    "9, 15, late"
  })
  void everyRecordingIsCompared(int batches, int epochs, String which) {
    int examples = which.equals("all") ? batches * BATCH : batches * BATCH - 1;
    int[] steps = {0};
    Own counting =
        new Own(
            true,
            x -> {
              boolean small = x.shape().dim(0) < BATCH;
              boolean counts = which.equals("all") || small != which.equals("full");
              steps[0] += counts ? 1 : 0;
              int from = which.equals("late") ? 3 : 0;
              return x.mul(counts && steps[0] > from ? steps[0] : 1);
            });
    TrainerOptions options = TrainerOptions.of(epochs, BATCH).seed(3);
    Trainer trainer =
        new Trainer(
            network(counting).init(session, 4),
            Objective.crossEntropy(),
            Optimizers.adamW(1e-2),
            options);
    CaptureException error =
        assertThrows(CaptureException.class, () -> trainer.fit(data(examples)));
    assertTrue(error.getMessage().contains("was recorded as"), error.getMessage());
    assertTrue(error.getMessage().contains("(Own) declares to be replayable"), error.getMessage());
  }

  @Test
  void comparisonsAreAFewOfManyShortEpochs() {
    Own doubling = new Own(true, x -> x.mul(2));
    TrainerOptions options = TrainerOptions.of(40, BATCH).seed(3);
    Module model = network(doubling).init(session, 4);
    new Trainer(model, Objective.crossEntropy(), Optimizers.adamW(1e-2), options)
        .fit(data(2 * BATCH - 1));
    assertTrue(doubling.calls <= 80 / 4, doubling.calls + " of 80 steps run as written");
  }

  @Test
  void aRecordingIsComparedWhereMemoryIsTight() {
    try (Session tight = new Session(new ReferenceProvider().open(DeviceSpec.DEFAULT), 1 << 20)) {
      tight.zeros(DType.F32, 1 << 17).free();
      tight.zeros(DType.F32, 1 << 17, 1).free();
      tight.zeros(DType.F32, 3 << 16).free();
      assertTrue(tight.memory().tight());
      int[] steps = {0};
      Module model = network(new Own(true, x -> x.mul(++steps[0]))).init(tight, 4);
      TrainerOptions options = TrainerOptions.of(2, BATCH).seed(3);
      Trainer trainer =
          new Trainer(model, Objective.crossEntropy(), Optimizers.adamW(1e-2), options);
      assertThrows(CaptureException.class, () -> trainer.fit(data()));
      assertEquals(3, steps[0]);
    }
  }

  /** Noise in evaluation, too: it must not move the numbers of the next step. */
  @Test
  void drawsBetweenStepsChangeNothing() {
    double[][] results = new double[3][];
    for (int how = 0; how < 3; how++) {
      boolean noisy = how > 0;
      Module noise =
          new Module() {
            @Override
            public boolean isReplayable() {
              return true;
            }

            @Override
            protected Tensor compute(Tensor x) {
              if (isTraining() || noisy) {
                Tensor drawn = session.random(RandomKind.NORMAL, x.dtype(), x.shape().dims());
                return x.add(drawn.mul(isTraining() ? 0.1 : 0));
              }
              return x;
            }
          };
      Module model = network(noise).init(session, 4);
      fit(trainer(model, Objective.crossEntropy()).capture(how < 2));
      results[how] = weights(model);
    }
    assertArrayEquals(results[0], results[1]);
    assertArrayEquals(results[0], results[2]);
  }

  /** Dropout belongs to the training, though its optimizer has the last layer's parameters only. */
  @Test
  void aTrainingOfSomeParametersHasItsOwnRandomNumbers() {
    double[][] results = new double[2][];
    for (int i = 0; i < 2; i++) {
      session.seed(100 + i);
      Linear last = new Linear(6, 2);
      Module model = new Sequential(new Linear(3, 6), new Dropout(0.5), last).init(session, 4);
      List<ParameterGroup> groups =
          List.of(new ParameterGroup(last.trainable(), Optimizers.adamW(1e-2)));
      TrainerOptions options = TrainerOptions.of(EPOCHS, BATCH).seed(3);
      fit(new Trainer(model, Objective.crossEntropy(), groups, options));
      results[i] = weights(model);
    }
    assertArrayEquals(results[0], results[1]);
  }

  @Test
  void aClosedTrainerSaysSo() {
    Trainer trainer = trainer(null, Objective.crossEntropy());
    fit(trainer);
    trainer.close();
    trainer.close();
    TalwegException error = assertThrows(TalwegException.class, () -> trainer.evaluate(data()));
    assertTrue(error.getMessage().contains("closed"), error.getMessage());
    Trainer late = trainer(null, Objective.crossEntropy());
    fit(late);
    session.close();
    late.close();
  }

  @Test
  void oneUndeclaredModuleAnywhereIsEnough() {
    Module inner = new Sequential(new Linear(6, 6), new Own(false, x -> x));
    Trainer trainer = trainer(inner, Objective.crossEntropy());
    fit(trainer);
    assertTrue(notices.getFirst().contains("layer \"1.1\" (Own)"), notices::toString);
  }

  @Test
  void allOfOurLayersAreReplayable() {
    Module all =
        new Sequential(
            new talweg.nn.Unflatten(1, 4, 4),
            new talweg.nn.Conv2d(1, 2, 3),
            new talweg.nn.BatchNorm(2),
            new talweg.nn.MaxPool2d(1),
            new talweg.nn.AvgPool2d(1),
            new talweg.nn.Flatten(),
            new talweg.nn.LayerNorm(8),
            new Dropout(0.1),
            new Activation(Activation.Kind.GELU),
            new talweg.nn.Embedding(3, 2),
            new Linear(8, 2));
    all.modules().forEach((path, module) -> assertTrue(module.isReplayable(), path + module));
    for (String loss : List.of("cross-entropy", "mse", "l1", "huber")) {
      assertTrue(Objective.named(loss).replayable(), loss);
    }
  }

  private TrainingResult fit(Trainer trainer) {
    Dataset data = data();
    return trainer.fit(data, data);
  }

  private Trainer trainer(Module second, Objective objective) {
    Module model =
        second instanceof Sequential && second.modules().size() > 3
            ? second
            : network(second).init(session, 4);
    return new Trainer(
            model, objective, Optimizers.adamW(1e-2), TrainerOptions.of(EPOCHS, BATCH).seed(3))
        .listen(
            new TrainingListener() {
              @Override
              public void onNotice(String notice) {
                notices.add(notice);
              }
            });
  }

  private static Module network(Module second) {
    return new Sequential(
        new Linear(3, 6),
        second == null ? new Activation(Activation.Kind.TANH) : second,
        new Dropout(0.25),
        new Linear(6, 2));
  }

  private static Dataset data() {
    return data(EXAMPLES);
  }

  private static Dataset data(int examples) {
    Random random = new Random(2);
    float[] x = new float[3 * examples];
    IntStream.range(0, x.length).forEach(i -> x[i] = (float) random.nextGaussian());
    int[] y = IntStream.range(0, examples).map(i -> x[3 * i] > 0 ? 1 : 0).toArray();
    return Dataset.classification("halves", x, new int[] {3}, y, 2);
  }

  private static double[] weights(Module model) {
    return model.state().values().stream()
        .flatMapToDouble(tensor -> Arrays.stream(tensor.toDoubles()))
        .toArray();
  }
}
