package talweg.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.error.NonFiniteException;
import talweg.nn.Init;
import talweg.nn.Module;
import talweg.nn.Parameter;
import talweg.op.NonFinite;
import talweg.optim.schedule.Plateau;
import talweg.reference.ReferenceBackend;
import talweg.session.Capture;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/** Bounds on gradients, and rates that change, as parts of an optimizer's step. */
class OptimizerClipTest {
  private static final double[] GRADIENT = {3, 4, 0.3, 0.4, 0.06, 0.08};

  private final Session session = new Session(new ReferenceBackend());
  private final MatrixAndVector model = new MatrixAndVector();

  @AfterEach
  void close() {
    session.close();
  }

  private static final class MatrixAndVector extends Module {
    private final Parameter matrix = parameter("matrix", Shape.of(2, 2), Init.constant(1));
    private final Parameter vector = parameter("vector", Shape.of(2), Init.constant(2));

    @Override
    protected Tensor compute(Tensor x) {
      return x;
    }
  }

  static List<Clip> clips() {
    return List.of(
        Clip.none(),
        new Clip.ByValue(0.5),
        Clip.byGlobalNorm(0.5),
        new Clip.ByGlobalNorm(0.5, 1),
        new Clip.ByGlobalNorm(0.5, 3),
        new Clip.ByGlobalNorm(0.5, Double.POSITIVE_INFINITY),
        Clip.byTensorNorm(0.5),
        new Clip.ByTensorNorm(0.5, Double.POSITIVE_INFINITY),
        Clip.adaptive(0.2));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void eachTensorIsClippedForItself(int accumulate) {
    double factor = 1 / (Math.sqrt(25.25) + 1e-6);
    double[] expected = {
      1 - 3 * factor, 1 - 4 * factor, 1 - 0.3 * factor, 1 - 0.4 * factor, 1.94, 1.92
    };
    OptimizerOptions options =
        OptimizerOptions.DEFAULT.clip(Clip.byTensorNorm(1)).accumulate(accumulate);
    assertArrayEquals(expected, run(options, GRADIENT), 1e-15);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void eachUnitIsClippedByItsWeights(int accumulate) {
    // Rows of ones have the norm sqrt(2); the second row and the vector are below their bounds.
    double factor = 0.5 * Math.sqrt(2) / 5;
    double[] expected = {1 - 3 * factor, 1 - 4 * factor, 0.7, 0.6, 1.94, 1.92};
    OptimizerOptions options =
        OptimizerOptions.DEFAULT.clip(Clip.adaptive(0.5)).accumulate(accumulate);
    assertArrayEquals(expected, run(options, GRADIENT), 1e-15);
  }

  @ParameterizedTest
  @MethodSource("clips")
  void skipLeavesBadStepsOut(Clip clip) {
    OptimizerOptions options = OptimizerOptions.DEFAULT.clip(clip).nonFinite(NonFinite.SKIP);
    double[] good = run(options, GRADIENT, GRADIENT);
    assertArrayEquals(good, run(options, GRADIENT, bad(Double.NaN), GRADIENT));
    assertArrayEquals(good, run(options, bad(Double.POSITIVE_INFINITY), GRADIENT, GRADIENT));
  }

  @ParameterizedTest
  @MethodSource("clips")
  void failStopsBeforeTheBadStep(Clip clip) {
    OptimizerOptions options = OptimizerOptions.DEFAULT.clip(clip);
    double[] before = run(options, GRADIENT);
    Optimizer optimizer = bind(options);
    for (double[] gradient : new double[][] {GRADIENT, bad(Double.NaN), GRADIENT}) {
      step(optimizer, gradient);
    }
    assertArrayEquals(before, weights());
    String message = assertThrows(NonFiniteException.class, optimizer::requireFinite).getMessage();
    assertTrue(message.startsWith("step 2: the gradient of \"matrix\""), message);
  }

  @ParameterizedTest
  @MethodSource("clips")
  void propagateWritesWhatComes(Clip clip) {
    OptimizerOptions options = OptimizerOptions.DEFAULT.clip(clip).nonFinite(NonFinite.PROPAGATE);
    assertArrayEquals(run(OptimizerOptions.DEFAULT.clip(clip), GRADIENT), run(options, GRADIENT));
    double[] weights = run(options, bad(Double.NaN));
    assertTrue(Double.isNaN(weights[0]), () -> Arrays.toString(weights));
    boolean all = clip instanceof Clip.ByGlobalNorm;
    assertEquals(all, Double.isNaN(weights[5]), () -> Arrays.toString(weights));
  }

  @ParameterizedTest
  @MethodSource("clips")
  void theNormIsThatBeforeClipping(Clip clip) {
    double p = clip instanceof Clip.ByGlobalNorm global ? global.p() : 2;
    double expected = Clip.globalNorm(session, List.of(session.tensor(GRADIENT, 6)), p).item();
    for (NonFinite policy : NonFinite.values()) {
      Optimizer optimizer = bind(OptimizerOptions.DEFAULT.clip(clip).nonFinite(policy));
      backward(GRADIENT);
      optimizer.stepKeepingGradients();
      assertEquals(expected, optimizer.gradientNorm(), 1e-14);
    }
  }

  @Test
  void theExplanationSaysWhatRunsBefore() {
    String plain = bind(OptimizerOptions.DEFAULT.clip(Clip.byGlobalNorm(1))).explain();
    assertFalse(plain.contains("clipped"), plain);
    String tensor = bind(OptimizerOptions.DEFAULT.clip(Clip.byTensorNorm(1))).explain();
    assertTrue(tensor.endsWith("clipped tensor by tensor to a norm of 1.0"), tensor);
    String unit = bind(OptimizerOptions.DEFAULT.clip(Clip.adaptive(0.1))).explain();
    assertTrue(unit.endsWith("clipped unit by unit to 0.1 of the norm of the weights"), unit);
  }

  @Test
  void replayedStepsSeeClippingAndNewRates() {
    Optimizer optimizer = bind(OptimizerOptions.DEFAULT.clip(Clip.byTensorNorm(0.5)));
    optimizer.schedules(List.of(Plateau.of(1, 0.5, 0)));
    Runnable backward =
        () -> {
          try (var _ = session.scope("backward")) {
            model.matrix.value().mul(3).sum().add(model.vector.value().sum()).backward();
          }
        };
    backward.run();
    optimizer.step();
    optimizer.prepare();
    Capture capture =
        session.capture(() -> {
          backward.run();
          optimizer.apply();
        });
    double[] before = weights();
    optimizer.prepare();
    capture.replay();
    double[] full = weights();
    optimizer.report(1);
    assertEquals(1, optimizer.learningRate());
    optimizer.report(1);
    assertEquals(0.5, optimizer.learningRate());
    optimizer.prepare();
    capture.replay();
    double[] half = weights();
    for (int i = 0; i < half.length; i++) {
      assertTrue(full[i] < before[i]);
      assertEquals((full[i] - before[i]) / 2, half[i] - full[i], 1e-15);
    }
  }

  /** The new rate also holds at the step where the next rates are uploaded. */
  @Test
  void aReportJustBeforeAnUploadIsNotLost() {
    OptimizerOptions options = OptimizerOptions.DEFAULT;
    model.init(session, DType.F64, 0);
    Optimizer optimizer = Optimizers.sgd(1).schedule(Plateau.of(1e-3, 0.5, 0)).bind(model, options);
    double expected = 1;
    double[] gradient = {1, 1, 1, 1, 1, 1};
    for (int step = 0; step < RateRing.WINDOW + 10; step++) {
      if (step == RateRing.WINDOW - 1) {
        optimizer.report(1);
        optimizer.report(1);
      }
      step(optimizer, gradient);
      expected -= step < RateRing.WINDOW - 1 ? 1e-3 : 5e-4;
    }
    assertEquals(expected, weights()[0], 1e-12);
  }

  @Test
  void thereIsAScheduleForEachGroup() {
    Optimizer optimizer = bind(OptimizerOptions.DEFAULT);
    assertEquals(List.of(new Schedule.Constant(1)), optimizer.schedules());
    assertThrows(IllegalArgumentException.class, () -> optimizer.schedules(List.of()));
  }

  private static double[] bad(double value) {
    double[] gradient = GRADIENT.clone();
    gradient[0] = value;
    return gradient;
  }

  private Optimizer bind(OptimizerOptions options) {
    model.init(session, DType.F64, 0);
    return Optimizers.sgd(1).bind(model, options);
  }

  private double[] run(OptimizerOptions options, double[]... gradients) {
    Optimizer optimizer = bind(options);
    for (double[] gradient : gradients) {
      for (int i = 1; i < options.accumulate(); i++) {
        backward(gradient);
      }
      step(optimizer, gradient);
    }
    return weights();
  }

  private void step(Optimizer optimizer, double[] gradient) {
    backward(gradient);
    optimizer.step();
  }

  private void backward(double[] gradient) {
    try (var _ = session.scope("backward")) {
      Tensor matrix = session.tensor(Arrays.copyOf(gradient, 4), 2, 2);
      Tensor vector = session.tensor(Arrays.copyOfRange(gradient, 4, 6), 2);
      Tensor loss = model.matrix.value().mul(matrix).sum();
      loss.add(model.vector.value().mul(vector).sum()).backward();
    }
  }

  private double[] weights() {
    return DoubleStream.concat(
            Arrays.stream(model.matrix.value().toDoubles()),
            Arrays.stream(model.vector.value().toDoubles()))
        .toArray();
  }
}
