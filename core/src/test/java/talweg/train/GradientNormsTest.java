package talweg.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.data.Batch;
import talweg.data.Batches;
import talweg.data.Dataset;
import talweg.nn.Linear;
import talweg.nn.Losses;
import talweg.nn.Module;
import talweg.nn.Reduction;
import talweg.op.NonFinite;
import talweg.optim.Optimizer;
import talweg.optim.OptimizerOptions;
import talweg.optim.Optimizers;
import talweg.session.Scope;
import talweg.session.Session;
import talweg.tensor.DType;

class GradientNormsTest {
  private static final long SEED = 3;
  private static final int EPOCHS = 3;
  private static final int BATCH = 2;

  private final Dataset data =
      Dataset.regression(
          "line",
          new float[] {1, 0, 0, 1, 1, 1, -1, 2, 3, -1},
          new int[] {2},
          new float[] {2, -1, 0.5f, -4, 7},
          List.of("y"));

  /** Captured steps, a ragged last batch, and steps that run as written. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anEpochHasMeanAndMaximumOfItsSteps(boolean capture) {
    List<double[]> expected = byHand();
    try (Session session = Session.open("reference")) {
      Trainer trainer = trainer(session, OptimizerOptions.DEFAULT).capture(capture);
      List<EpochResult> epochs = trainer.fit(data).epochs();
      for (int epoch = 0; epoch < EPOCHS; epoch++) {
        EpochResult result = epochs.get(epoch);
        double[] norms = expected.get(epoch);
        assertEquals((norms[0] + norms[1] + norms[2]) / 3, result.gradientNormMean(), 1e-14);
        assertEquals(
            Math.max(norms[0], Math.max(norms[1], norms[2])), result.gradientNormMax(), 1e-15);
        assertEquals(norms[2], result.gradientNorm(), 1e-15);
        assertTrue(result.gradientNormMax() > result.gradientNormMean(), result::toString);
      }
    }
  }

  /** With three micro-batches to a step, an epoch is one step. */
  @Test
  void microBatchesAreNoSteps() {
    try (Session session = Session.open("reference")) {
      Trainer trainer = trainer(session, OptimizerOptions.DEFAULT.accumulate(3));
      for (EpochResult result : trainer.fit(data).epochs()) {
        assertEquals(result.gradientNorm(), result.gradientNormMean());
        assertEquals(result.gradientNorm(), result.gradientNormMax());
      }
    }
  }

  @Test
  void whereNoStepNeedsItNothingIsMeasured() {
    try (Session session = Session.open("reference")) {
      Trainer trainer = trainer(session, OptimizerOptions.DEFAULT.nonFinite(NonFinite.PROPAGATE));
      EpochResult result = trainer.fit(data).last();
      assertTrue(Double.isNaN(result.gradientNormMean()), result::toString);
      assertTrue(Double.isFinite(result.gradientNorm()), result::toString);
    }
  }

  private static Trainer trainer(Session session, OptimizerOptions options) {
    return new Trainer(
        new Linear(2, 1).init(session, DType.F64, SEED),
        Objective.mse(),
        Optimizers.sgd(0.05),
        TrainerOptions.of(EPOCHS, BATCH).seed(SEED).optimizer(options));
  }

  private List<double[]> byHand() {
    List<double[]> epochs = new ArrayList<>();
    try (Session session = Session.open("reference")) {
      Module model = new Linear(2, 1).init(session, DType.F64, SEED);
      Optimizer optimizer = Optimizers.sgd(0.05).bind(model);
      for (int epoch = 1; epoch <= EPOCHS; epoch++) {
        double[] norms = new double[3];
        int step = 0;
        for (Batch batch : Batches.of(data, BATCH).shuffled(SEED, epoch)) {
          try (Scope _ = session.scope("step")) {
            var x = session.tensor(batch.x(), batch.size(), 2).to(DType.F64);
            var y = session.tensor(batch.targets(), batch.size(), 1).to(DType.F64);
            Losses.mse(model.forward(x), y, Reduction.MEAN).backward();
            optimizer.step();
            norms[step++] = optimizer.gradientNorm();
          }
        }
        epochs.add(norms);
      }
    }
    return epochs;
  }
}
