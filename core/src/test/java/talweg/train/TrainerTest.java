package talweg.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import talweg.data.Batch;
import talweg.data.Batches;
import talweg.data.Dataset;
import talweg.nn.Activation;
import talweg.nn.Dropout;
import talweg.nn.Linear;
import talweg.nn.Losses;
import talweg.nn.Module;
import talweg.nn.Parameter;
import talweg.nn.Sequential;
import talweg.optim.Clip;
import talweg.optim.Optimizer;
import talweg.optim.OptimizerOptions;
import talweg.optim.OptimizerSpec;
import talweg.optim.Optimizers;
import talweg.optim.ParameterGroup;
import talweg.optim.Schedule;
import talweg.optim.schedule.Plateau;
import talweg.session.Scope;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

class TrainerTest {
  private static final long SEED = 5;
  private static final double LINE_RATE = 0.05;

  /** 50 examples do not divide into batches of 8: there is a ragged last one. */
  private final Dataset data = spirals(50);

  private final Dataset line =
      Dataset.regression(
          "line",
          new float[] {1, 0, 0, 1, 1, 1, -1, 2, 3, -1},
          new int[] {2},
          new float[] {2, -1, 0.5f, -4, 7},
          List.of("y"));

  private final OptimizerOptions clipped = OptimizerOptions.DEFAULT.clip(Clip.byGlobalNorm(0.5));
  private final OptimizerSpec adam =
      Optimizers.adamW(1e-2).schedule(new Schedule.Cosine(1e-2, 40, 0));

  @Test
  void capturedStepsGiveTheBitsOfTheLoopWrittenOut() {
    assertArrayEquals(byHand(6), trained(6, clipped));
  }

  @Test
  void aRunIsReproducible() {
    assertArrayEquals(trained(3, clipped), trained(3, clipped));
  }

  @Test
  void microBatchesEqualOneBigBatchWithARaggedTail() {
    double[] whole = fullBatch(50, 1);
    double[] accumulated = fullBatch(8, 7);
    assertArrayEquals(whole, accumulated, 1e-12);
  }

  /**
   * Batches of 8, 8, 8, 8 and 8, 8, 2: the second step has three micro-batches, one of them small.
   */
  @Test
  void aShortLastWindowIsTheMeanOfItsExamples() {
    double[] expected;
    try (Session session = Session.open("reference")) {
      Module model = tanhNetwork(session);
      Optimizer optimizer = Optimizers.sgd(0.1).bind(model);
      for (int epoch = 1; epoch <= 3; epoch++) {
        int[] rows = Batches.of(data, 50).shuffled(SEED, epoch).rows(0);
        for (int[] part : new int[][] {Arrays.copyOf(rows, 32), Arrays.copyOfRange(rows, 32, 50)}) {
          step(session, model, optimizer, Batches.of(data.subset(part), part.length).batch(0));
        }
      }
      expected = weights(model);
    }
    assertArrayEquals(expected, tanhNetworkTrained(3, 8, 4), 1e-14);
  }

  @Test
  void fullBatchesAreGradientDescent() {
    double[] w = {0, 0, 0};
    for (int step = 0; step < 4; step++) {
      descend(w, IntStream.range(0, line.size()).toArray());
    }
    assertArrayEquals(w, lineTrained(4, line.size()), 1e-14);
  }

  @Test
  void batchesOfOneAreStochasticGradientDescent() {
    double[] w = {0, 0, 0};
    for (int epoch = 1; epoch <= 2; epoch++) {
      for (int row : Batches.of(line, line.size()).shuffled(SEED, epoch).rows(0)) {
        descend(w, row);
      }
    }
    assertArrayEquals(w, lineTrained(2, 1), 1e-14);
  }

  @Test
  void groupsHaveTheirOwnOptimizers() {
    try (Session session = Session.open("reference")) {
      Module model = tanhNetwork(session);
      List<ParameterGroup> groups =
          ParameterGroup.matrices(model, Optimizers.muon(0.02), Optimizers.sgd(0));
      double[] matrix = model.named().get("0.weight").value().toDoubles();
      double[] bias = model.named().get("0.bias").value().toDoubles();
      new Trainer(model, Objective.crossEntropy(), groups, TrainerOptions.of(5, 10)).fit(data);
      assertArrayEquals(bias, model.named().get("0.bias").value().toDoubles());
      assertFalse(Arrays.equals(matrix, model.named().get("0.weight").value().toDoubles()));
    }
  }

  @Test
  void memoryStaysFlatOverEpochs() {
    List<Long> held = new ArrayList<>();
    try (Session session = Session.open("reference")) {
      Module model = model().init(session, SEED);
      Trainer trainer =
          new Trainer(model, Objective.crossEntropy(), adam, TrainerOptions.of(20, 8));
      trainer.listen(
          new TrainingListener() {
            @Override
            public void onEpoch(EpochResult result) {
              held.add(session.bytesHeld());
            }
          });
      trainer.fit(data, data);
    }
    assertEquals(20, held.size());
    assertEquals(held.get(2), held.getLast(), held::toString);
  }

  @Test
  void learnsAndReports() {
    try (Session session = Session.open("reference")) {
      Module model =
          new Sequential(new Linear(2, 32), new Activation(Activation.Kind.TANH), new Linear(32, 2))
              .init(session, SEED);
      Trainer trainer =
          new Trainer(
              model, Objective.crossEntropy(), Optimizers.adamW(3e-2), TrainerOptions.of(60, 10));
      TrainingResult result = trainer.fit(data, data);
      assertEquals(60 * 5, result.steps());
      assertTrue(
          result.last().validation().loss() < 0.6 * result.epochs().getFirst().train().loss());
      assertEquals(result.last().validation(), trainer.evaluate(data));
    }
  }

  /**
   * The metric never improves, so the rate halves after every epoch but the first; steps that are
   * replayed must see it.
   */
  @Test
  void aPlateauChangesTheRateOfReplayedSteps() {
    // The same rates laid down beforehand: 7 steps in an epoch, of which all but few are replayed.
    Schedule laidDown = step -> Math.scalb(0.1, (int) -Math.max(0, step / 7 - 1));
    double[] byPlateau = watched(Plateau.of(0.1, 0.5, 0), 0.1 / 16);
    assertArrayEquals(watched(laidDown, 0.1 / 16), byPlateau);
    assertFalse(Arrays.equals(watched(new Schedule.Constant(0.1), 0.1), byPlateau));
  }

  private double[] watched(Schedule schedule, double lastRate) {
    try (Session session = Session.open("reference")) {
      Module model = new Sequential(new Linear(2, 2)).init(session, DType.F64, SEED);
      TrainerOptions plan = TrainerOptions.of(5, 8).seed(SEED);
      Trainer trainer =
          new Trainer(model, Objective.crossEntropy(), Optimizers.sgd(1).schedule(schedule), plan)
              .monitor(_ -> 1);
      TrainingResult result = trainer.fit(data, data);
      assertEquals(lastRate, result.last().learningRate());
      return weights(model);
    }
  }

  @Test
  void theMetricComesFromTheValidationDataIfThereAreSome() {
    List<Evaluation> seen = new ArrayList<>();
    try (Session session = Session.open("reference")) {
      Module model = new Sequential(new Linear(2, 2)).init(session, DType.F64, SEED);
      Trainer trainer =
          new Trainer(model, Objective.crossEntropy(), Optimizers.sgd(0.1), TrainerOptions.of(1, 8))
              .monitor(evaluation -> {
                seen.add(evaluation);
                return evaluation.loss();
              });
      EpochResult validated = trainer.fit(data, spirals(20)).last();
      EpochResult trained = trainer.fit(data).last();
      assertEquals(List.of(validated.validation(), trained.train()), seen);
    }
  }

  /**
   * The labels of the validation data are wrong, so that its loss rises while training succeeds.
   */
  @Test
  void whatIsChosenIsChosenByTheValidationData() {
    int[] wrong = IntStream.of(data.labels()).map(label -> 1 - label).toArray();
    Dataset validation = Dataset.classification("wrong", data.features(), new int[] {2}, wrong, 2);
    Schedule halving = Plateau.of(0.1, 0.5, 0);
    try (Session session = Session.open("reference")) {
      TrainingResult alone = chosen(session, halving).fit(data);
      assertEquals(Ending.COMPLETED, alone.ending());
      assertEquals(20, alone.keptEpoch());
      assertEquals(0.1, alone.last().learningRate());
      assertTrue(alone.last().train().loss() < alone.epochs().getFirst().train().loss());
    }
    try (Session session = Session.open("reference")) {
      Trainer trainer = chosen(session, halving);
      TrainingResult watched = trainer.fit(data, validation);
      assertEquals(Ending.EARLY, watched.ending());
      assertEquals(1, watched.keptEpoch());
      assertEquals(4, watched.last().epoch());
      assertEquals(0.1 / 8, watched.last().learningRate());
      assertEquals(watched.kept().validation(), trainer.evaluate(validation));
    }
  }

  private Trainer chosen(Session session, Schedule schedule) {
    Module model = new Sequential(new Linear(2, 2)).init(session, DType.F64, SEED);
    for (Parameter parameter : model.trainable()) {
      parameter.value().assign(new double[(int) parameter.shape().size()]);
    }
    TrainerOptions plan = TrainerOptions.of(20, 50).seed(SEED);
    return new Trainer(model, Objective.crossEntropy(), Optimizers.sgd(1).schedule(schedule), plan)
        .earlyStop(3);
  }

  @Test
  void noValidationDataAreNotNull() {
    try (Session session = Session.open("reference")) {
      Trainer trainer = chosen(session, new Schedule.Constant(0.1));
      String message =
          assertThrows(NullPointerException.class, () -> trainer.fit(data, null)).getMessage();
      assertTrue(message.contains("call fit(train)"), message);
    }
  }

  /** What the trainer does, in the user's own words. */
  private double[] byHand(int epochs) {
    try (Session session = Session.open("reference").seed(SEED)) {
      Module model = model().init(session, SEED);
      Optimizer optimizer = adam.bind(model, clipped);
      for (int epoch = 1; epoch <= epochs; epoch++) {
        for (Batch batch : Batches.of(data, 8).shuffled(SEED, epoch)) {
          try (Scope _ = session.scope("step")) {
            Tensor x = session.tensor(batch.x(), batch.size(), 2);
            Tensor y = session.tensor(batch.labels(), batch.size());
            Losses.crossEntropy(model.forward(x), y).backward();
            optimizer.step();
          }
        }
      }
      return weights(model);
    }
  }

  private double[] trained(int epochs, OptimizerOptions options) {
    try (Session session = Session.open("reference")) {
      Module model = model().init(session, SEED);
      TrainerOptions plan = TrainerOptions.of(epochs, 8).seed(SEED).optimizer(options);
      new Trainer(model, Objective.crossEntropy(), adam, plan).fit(data);
      return weights(model);
    }
  }

  private double[] fullBatch(int batch, int accumulate) {
    return tanhNetworkTrained(5, batch, accumulate);
  }

  private double[] tanhNetworkTrained(int epochs, int batch, int accumulate) {
    try (Session session = Session.open("reference")) {
      Module model = tanhNetwork(session);
      TrainerOptions plan =
          TrainerOptions.of(epochs, batch)
              .seed(SEED)
              .optimizer(OptimizerOptions.DEFAULT.accumulate(accumulate));
      new Trainer(model, Objective.crossEntropy(), Optimizers.sgd(0.1), plan).fit(data);
      return weights(model);
    }
  }

  private static Module tanhNetwork(Session session) {
    return new Sequential(new Linear(2, 8), new Activation(Activation.Kind.TANH), new Linear(8, 2))
        .init(session, DType.F64, SEED);
  }

  private static void step(Session session, Module model, Optimizer optimizer, Batch batch) {
    try (Scope _ = session.scope("step")) {
      Tensor x = session.tensor(batch.x(), batch.size(), 2).to(DType.F64);
      Tensor y = session.tensor(batch.labels(), batch.size());
      Losses.crossEntropy(model.forward(x), y).backward();
      optimizer.step();
    }
  }

  /** y = x w + b, from 0, under the mean squared error. */
  private double[] lineTrained(int epochs, int batch) {
    try (Session session = Session.open("reference")) {
      Module model = new Sequential(new Linear(2, 1)).init(session, DType.F64, SEED);
      for (Parameter parameter : model.trainable()) {
        parameter.value().assign(new double[(int) parameter.shape().size()]);
      }
      TrainerOptions plan = TrainerOptions.of(epochs, batch).seed(SEED);
      new Trainer(model, Objective.mse(), Optimizers.sgd(LINE_RATE), plan).fit(line);
      return weights(model);
    }
  }

  /** One step of gradient descent on the mean squared error of the given rows, written out. */
  private void descend(double[] w, int... rows) {
    double[] gradient = new double[3];
    for (int row : rows) {
      double x0 = line.features()[2 * row];
      double x1 = line.features()[2 * row + 1];
      double slope = 2 * (w[0] * x0 + w[1] * x1 + w[2] - line.targets()[row]) / rows.length;
      gradient[0] += slope * x0;
      gradient[1] += slope * x1;
      gradient[2] += slope;
    }
    for (int i = 0; i < w.length; i++) {
      w[i] -= LINE_RATE * gradient[i];
    }
  }

  private static Module model() {
    return new Sequential(
        new Linear(2, 16),
        new Activation(Activation.Kind.RELU),
        new Dropout(0.3),
        new Linear(16, 2));
  }

  private static double[] weights(Module model) {
    return model.trainable().stream()
        .map(Parameter::value)
        .flatMapToDouble(t -> Arrays.stream(t.toDoubles()))
        .toArray();
  }

  private static Dataset spirals(int n) {
    Random random = new Random(SEED);
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
