package talweg.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.data.Dataset;
import talweg.error.NonFiniteException;
import talweg.error.TalwegException;
import talweg.nn.Activation;
import talweg.nn.Dropout;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.session.RandomStream;
import talweg.session.Session;
import talweg.solve.LBFGS;
import talweg.solve.Objective.Evaluation;
import talweg.solve.Stopping;
import talweg.tensor.DType;

class FullBatchTrainerTest {
  private static final LBFGS EXACT = new LBFGS(10, new Stopping(1e-11, 1e-16, 1000));

  /** The gradient over several chunks, the last one ragged, against differences of the loss. */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void theLossHasItsGradient(long seed) {
    Dataset data = moons(2100, seed);
    try (Session session = Session.open("reference")) {
      Module model = network().init(session, DType.F64, seed);
      Feed feed = new Feed(session, DType.F64, data);
      FullBatchLoss loss =
          new FullBatchLoss(model, Objective.crossEntropy(), data, feed, random(session, seed));
      double[] weights = loss.weights();
      Evaluation at = loss.evaluate(weights);
      Evaluation mean =
          new Evaluation(
              new Metrics(session, true).over(model, Objective.crossEntropy(), feed, data).loss(),
              null);
      assertEquals(mean.value(), at.value(), 1e-13);
      for (int i = 0; i < weights.length; i++) {
        double[] ahead = weights.clone();
        double[] behind = weights.clone();
        ahead[i] += 1e-5;
        behind[i] -= 1e-5;
        double slope = (loss.evaluate(ahead).value() - loss.evaluate(behind).value()) / 2e-5;
        assertEquals(slope, at.gradient()[i], 1e-8, "weight " + i);
      }
      assertArrayEquals(at.gradient(), loss.evaluate(weights).gradient());
    }
  }

  /** Without hidden layers, the least squares of y = 2 a - 3 b + 1 are known. */
  @Test
  void aLinearNetworkReachesLeastSquares() {
    Random random = new Random(4);
    float[] x = new float[60];
    float[] y = new float[30];
    for (int i = 0; i < y.length; i++) {
      x[2 * i] = random.nextInt(16) / 8f;
      x[2 * i + 1] = random.nextInt(16) / 8f;
      y[i] = 2 * x[2 * i] - 3 * x[2 * i + 1] + 1;
    }
    Dataset data = Dataset.regression("plane", x, new int[] {2}, y, List.of("y"));
    try (Session session = Session.open("reference")) {
      Module model = new Sequential(new Linear(2, 1)).init(session, DType.F64, 1);
      TrainingResult result =
          new FullBatchTrainer(model, Objective.mse(), EXACT, 100, 1).fit(data, data);
      assertArrayEquals(
          new double[] {2, -3, 1},
          new FullBatchLoss(model, Objective.mse(), data, null, random(session, 1)).weights(),
          1e-10);
      assertTrue(result.epochs().size() < 30, "it ends where the gradient is small");
      assertTrue(result.last().gradientNorm() <= 1e-11);
      assertEquals(result.last().epoch(), result.epochs().size());
      assertEquals(0, result.last().validation().loss(), 1e-20);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F64"})
  void theLossFallsInEachEpoch(DType dtype) {
    List<Double> losses = new ArrayList<>();
    List<Long> held = new ArrayList<>();
    Dataset data = moons(200, 7);
    try (Session session = Session.open("reference")) {
      Module model = network().init(session, dtype, 3);
      TrainingListener listener =
          new TrainingListener() {
            @Override
            public void onEpoch(EpochResult result) {
              losses.add(result.train().loss());
              held.add(session.bytesHeld());
            }
          };
      TrainingResult result =
          new FullBatchTrainer(model, Objective.crossEntropy(), LBFGS.DEFAULT, 40, 1)
              .listen(listener)
              .fit(data, data);
      assertEquals(40, result.steps());
      assertTrue(result.last().validation().accuracy() > 0.95, result::toString);
    }
    for (int i = 1; i < losses.size(); i++) {
      assertTrue(losses.get(i) < losses.get(i - 1), losses::toString);
    }
    assertEquals(held.get(2), held.getLast(), held::toString);
  }

  @Test
  void aRunIsReproducibleEvenWithDropout() {
    assertArrayEquals(trained(5), trained(5), 0);
  }

  private static double[] trained(int epochs) {
    Dataset data = moons(100, 7);
    try (Session session = Session.open("reference")) {
      Module model =
          new Sequential(new Linear(2, 8), new Dropout(0.3), new Linear(8, 2)).init(session, 3);
      new FullBatchTrainer(model, Objective.crossEntropy(), LBFGS.DEFAULT, epochs, 1).fit(data);
      return new FullBatchLoss(model, Objective.crossEntropy(), data, null, random(session, 1))
          .weights();
    }
  }

  @Test
  void aLossThatIsNotFiniteIsAnError() {
    Dataset data = moons(20, 7);
    try (Session session = Session.open("reference")) {
      Module model = network().init(session, DType.F64, 3);
      FullBatchLoss loss =
          new FullBatchLoss(model, Objective.crossEntropy(), data, null, random(session, 1));
      double[] weights = loss.weights();
      weights[0] = Double.NaN;
      loss.assign(weights);
      FullBatchTrainer trainer =
          new FullBatchTrainer(model, Objective.crossEntropy(), LBFGS.DEFAULT, 3, 1);
      String message = assertThrows(NonFiniteException.class, () -> trainer.fit(data)).getMessage();
      assertTrue(message.contains("epoch 1") && message.contains("NaN"), message);
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    Dataset data = moons(20, 7);
    try (Session session = Session.open("reference")) {
      Module model = network().init(session, DType.F64, 3);
      assertThrows(
          TalwegException.class,
          () -> new FullBatchTrainer(model, Objective.mse(), LBFGS.DEFAULT, 3, 1).fit(data));
      assertThrows(
          IllegalArgumentException.class,
          () -> new FullBatchTrainer(model, Objective.mse(), LBFGS.DEFAULT, -1, 1));
      assertThrows(
          TalwegException.class,
          () -> new FullBatchTrainer(new Sequential(), Objective.mse(), LBFGS.DEFAULT, 1, 1));
    }
  }

  private static Module network() {
    return new Sequential(new Linear(2, 6), new Activation(Activation.Kind.TANH), new Linear(6, 2));
  }

  /** Two half circles that interlock. */
  private static Dataset moons(int n, long seed) {
    Random random = new Random(seed);
    float[] x = new float[2 * n];
    int[] labels = new int[n];
    for (int i = 0; i < n; i++) {
      labels[i] = i % 2;
      double angle = Math.PI * random.nextDouble();
      double side = labels[i] == 0 ? 1 : -1;
      x[2 * i] = (float) (side * Math.cos(angle) + labels[i] + 0.1 * random.nextGaussian());
      x[2 * i + 1] =
          (float) (side * Math.sin(angle) + 0.5 * labels[i] + 0.1 * random.nextGaussian());
    }
    return Dataset.classification("moons", x, new int[] {2}, labels, 2);
  }

  private static RandomStream random(Session session, long seed) {
    RandomStream random = RandomStream.on(session);
    random.seed(seed);
    return random;
  }
}
