package talweg.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import talweg.nn.Activation;
import talweg.nn.Init;
import talweg.nn.Linear;
import talweg.nn.Losses;
import talweg.nn.Module;
import talweg.nn.Parameter;
import talweg.nn.Sequential;
import talweg.reference.ReferenceBackend;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/** Optimizers with models: micro-batches of real batches, tied weights, the same bits again. */
class ModelTrainingTest {
  private static final int FEATURES = 6;

  private final Session session = new Session(new ReferenceBackend());

  @AfterEach
  void close() {
    session.close();
  }

  @Test
  void microBatchesAreLikeTheirUnion() {
    double[] whole = train(Optimizers.adamW(0.01), 1, 7);
    assertArrayEquals(whole, train(Optimizers.adamW(0.01), 4, 7), 1e-12);
    double[] other = train(Optimizers.adamW(0.01), 4, 8);
    assertTrue(largestDifference(whole, other) > 1e-3, "the seed makes a difference");
  }

  @Test
  void theSameSeedGivesTheSameBits() {
    assertArrayEquals(train(Optimizers.lamb(0.01), 2, 7), train(Optimizers.lamb(0.01), 2, 7));
  }

  @Test
  void trainingLowersTheLoss() {
    Module model = model(3);
    Optimizer optimizer = Optimizers.adamW(0.05).bind(model);
    double before = step(model, optimizer, 0, 32);
    double after = 0;
    for (int i = 0; i < 60; i++) {
      after = step(model, optimizer, 0, 32);
    }
    assertTrue(after < 0.2 * before, before + " to " + after);
  }

  /** y = x W^T W with one W: both uses contribute to its gradient. */
  private static final class Tied extends Module {
    private final Parameter weight = parameter("encoder", Shape.of(2, 3), Init.normal(0, 1));

    Tied() {
      tie("decoder", weight);
    }

    @Override
    protected Tensor compute(Tensor x) {
      return x.matmul(weight.value(), false, true).matmul(weight.value());
    }
  }

  @Test
  void tiedWeightsAreOneParameter() {
    Tied model = new Tied();
    model.init(session, DType.F64, 5);
    assertEquals(List.of("encoder"), List.copyOf(model.named().keySet()));
    double[] w = model.weight.value().toDoubles();
    Optimizer optimizer = Optimizers.sgd(0.1).bind(model);
    Tensor x = session.tensor(new double[] {1, -2, 0.5}, 1, 3);
    model.forward(x).sum().backward();
    assertSame(model.weight.value(), model.trainable().getFirst().value());
    double[] gradient = model.weight.value().grad().toDoubles();
    assertArrayEquals(tiedGradient(w, new double[] {1, -2, 0.5}), gradient, 1e-14);
    optimizer.step();
    double[] expected = new double[w.length];
    Arrays.setAll(expected, i -> w[i] - 0.1 * gradient[i]);
    assertArrayEquals(expected, model.weight.value().toDoubles(), 1e-15);
  }

  /** d/dW_ij of sum_k (W x)_a W_ak: x_j (row sum of W_i) + (W x)_i. */
  private static double[] tiedGradient(double[] w, double[] x) {
    double[] gradient = new double[6];
    for (int i = 0; i < 2; i++) {
      double rowSum = 0;
      double product = 0;
      for (int k = 0; k < 3; k++) {
        rowSum += w[3 * i + k];
        product += w[3 * i + k] * x[k];
      }
      for (int j = 0; j < 3; j++) {
        gradient[3 * i + j] = x[j] * rowSum + product;
      }
    }
    return gradient;
  }

  private double[] train(OptimizerSpec spec, int microBatches, long seed) {
    Module model = model(seed);
    Optimizer optimizer =
        spec.bind(
            model, OptimizerOptions.DEFAULT.clip(Clip.byGlobalNorm(0.5)).accumulate(microBatches));
    for (int i = 0; i < 5; i++) {
      for (int part = 0; part < microBatches; part++) {
        int rows = 16 / microBatches;
        backward(model, i * 16 + part * rows, rows);
      }
      optimizer.step();
    }
    return model.trainable().stream()
        .flatMapToDouble(p -> Arrays.stream(p.value().toDoubles()))
        .toArray();
  }

  private Module model(long seed) {
    return new Sequential(
            new Linear(FEATURES, 8), new Activation(Activation.Kind.TANH), new Linear(8, 3))
        .init(session, DType.F64, seed);
  }

  private double step(Module model, Optimizer optimizer, int start, int rows) {
    double loss = backward(model, start, rows);
    optimizer.step();
    return loss;
  }

  private double backward(Module model, int start, int rows) {
    try (var _ = session.scope("step")) {
      double[] x =
          IntStream.range(start * FEATURES, (start + rows) * FEATURES)
              .mapToDouble(i -> Math.sin(1.7 * i * i))
              .toArray();
      int[] classes = IntStream.range(start, start + rows).map(i -> i * i % 3).toArray();
      Tensor logits = model.forward(session.tensor(x, rows, FEATURES));
      Tensor loss = Losses.crossEntropy(logits, session.tensor(classes, rows));
      loss.backward();
      return loss.item();
    }
  }

  private static double largestDifference(double[] a, double[] b) {
    return IntStream.range(0, a.length).mapToDouble(i -> Math.abs(a[i] - b[i])).max().orElse(0);
  }
}
