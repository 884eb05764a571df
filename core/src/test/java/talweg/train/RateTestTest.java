package talweg.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.data.Dataset;
import talweg.nn.Activation;
import talweg.nn.BatchNorm;
import talweg.nn.Dropout;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.op.RandomKind;
import talweg.optim.OptimizerOptions;
import talweg.optim.OptimizerSpec;
import talweg.optim.Optimizers;
import talweg.optim.Schedule;
import talweg.session.Session;
import talweg.tensor.DType;

class RateTestTest {
  private static final OptimizerSpec SPEC =
      Optimizers.adamW(1e-2).schedule(new Schedule.Cosine(1e-2, 30, 0));

  private final Dataset data = data();

  /**
   * With random layers, running statistics, moments and a schedule, all of which a step changes.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void leavesNoTrace(int accumulate) {
    double[] without = trained(accumulate, null);
    assertArrayEquals(without, trained(accumulate, RateRange.DEFAULT));
    // The last steps of this one have no finite gradient any more.
    assertArrayEquals(without, trained(accumulate, new RateRange(1, 1e30, 40)));
  }

  @Test
  void losesLittleFirstThenFallsThenBlowsUp() {
    RateTest test;
    try (Session session = Session.open("reference")) {
      test = trainer(network(session), 1).rateTest(data, RateRange.DEFAULT);
    }
    List<RateTest.Point> points = test.points();
    assertEquals(1e-6, points.getFirst().rate());
    for (int i = 1; i < points.size(); i++) {
      assertTrue(points.get(i).rate() > points.get(i - 1).rate());
    }
    assertTrue(test.suggestion() > 1e-5 && test.suggestion() < 1, test::toString);
    double best = points.stream().mapToDouble(RateTest.Point::smoothed).min().orElseThrow();
    assertTrue(best < points.getFirst().loss(), test::toString);
  }

  /** Averages by hand: 2; (0.9 * 0.2 + 0.1 * 1) / 0.19; then no fall at all. */
  @Test
  void theAverageIsCorrectedForItsStart() {
    List<RateTest.Point> points = new ArrayList<>();
    points.add(RateTest.next(points, 1, 2));
    points.add(RateTest.next(points, 2, 1));
    assertEquals(2, points.get(0).smoothed(), 1e-12);
    assertEquals(0.28 / 0.19, points.get(1).smoothed(), 1e-12);
    assertTrue(Double.isNaN(RateTest.of(points).suggestion()));
    assertFalse(RateTest.of(points).diverged());
    points.add(RateTest.next(points, 3, Double.NaN));
    assertTrue(RateTest.of(points).diverged());
  }

  private double[] trained(int accumulate, RateRange range) {
    try (Session session = Session.open("reference")) {
      Module model = network(session);
      Trainer trainer = trainer(model, accumulate);
      if (range != null) {
        double[] before = values(model);
        RateTest test = trainer.rateTest(data, range);
        assertTrue(test.points().size() > 5);
        assertArrayEquals(before, values(model));
        assertEquals(0, trainer.optimizer().attemptedSteps());
        assertNotEquals(
            test.points().getFirst().loss(), test.points().getLast().loss(), "it did train");
      }
      TrainingResult result = trainer.fit(data, data);
      double[] weights = values(model);
      double[] all = new double[weights.length + 5];
      System.arraycopy(weights, 0, all, 0, weights.length);
      all[weights.length] = result.last().train().loss();
      all[weights.length + 1] = result.last().validation().loss();
      all[weights.length + 2] = result.last().learningRate();
      all[weights.length + 3] = result.last().gradientNorm();
      all[weights.length + 4] = session.random(RandomKind.NORMAL, DType.F64, 1).item();
      return all;
    }
  }

  private static double[] values(Module model) {
    return model.state().values().stream()
        .flatMapToDouble(tensor -> java.util.Arrays.stream(tensor.toDoubles()))
        .toArray();
  }

  private Trainer trainer(Module model, int accumulate) {
    TrainerOptions options =
        TrainerOptions.of(3, 8).seed(2).optimizer(OptimizerOptions.DEFAULT.accumulate(accumulate));
    return new Trainer(model, Objective.crossEntropy(), SPEC, options);
  }

  private static Module network(Session session) {
    return new Sequential(
            new Linear(4, 8),
            new BatchNorm(8),
            new Activation(Activation.Kind.RELU),
            new Dropout(0.2),
            new Linear(8, 2))
        .init(session, 5);
  }

  private static Dataset data() {
    Random random = new Random(6);
    float[] x = new float[50 * 4];
    int[] y = new int[50];
    for (int i = 0; i < y.length; i++) {
      y[i] = random.nextInt(2);
      for (int f = 0; f < 4; f++) {
        x[4 * i + f] = (float) (random.nextGaussian() + 2 * y[i]);
      }
    }
    return Dataset.classification("two clouds", x, new int[] {4}, y, 2);
  }
}
