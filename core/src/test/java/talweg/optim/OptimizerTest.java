package talweg.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.error.DTypeException;
import talweg.error.NonFiniteException;
import talweg.error.TalwegException;
import talweg.nn.Init;
import talweg.nn.Module;
import talweg.nn.Parameter;
import talweg.op.NonFinite;
import talweg.reference.ReferenceBackend;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

class OptimizerTest {
  private final Session session = new Session(new ReferenceBackend());

  @AfterEach
  void close() {
    session.close();
  }

  static List<OptimizerSpec> optimizers() {
    return List.of(
        Optimizers.sgd(0.1),
        Optimizers.sgd(0.9, 0, true, 0.01).rate(0.1),
        Optimizers.adam(0.9, 0.99, 1e-8, 0.1, true).rate(0.01),
        Optimizers.adamW(0.01),
        Optimizers.lamb(0.01),
        Optimizers.lambNvidia(0.01),
        Optimizers.rmsprop(0.95, 1e-8, 0.02, 0.8, true).rate(0.01),
        Optimizers.adagrad(0.1, 1e-10, 0.05, 0.02).rate(0.1),
        Optimizers.adadelta(1),
        Optimizers.nadam(0.01),
        Optimizers.radam(0.9, 0.9, 1e-8, 0.1, true).rate(0.01),
        Optimizers.lion(0.9, 0.99, 0.1).rate(0.01));
  }

  /** Two vectors, three and two elements long. */
  private static final class TwoVectors extends Module {
    private final Parameter first = parameter("first", Shape.of(3), Init.constant(1));
    private final Parameter second = parameter("second", Shape.of(2), Init.constant(2));

    @Override
    protected Tensor compute(Tensor x) {
      return x;
    }
  }

  private final TwoVectors model = new TwoVectors();

  @Test
  void gradientsThatAreKeptServeTheNextStepToo() {
    model.init(session, DType.F64, 0);
    Optimizer optimizer = Optimizers.sgd(0.1).bind(model);
    model.first.value().backward(session.tensor(new double[] {1, 2, 3}, 3));
    optimizer.stepKeepingGradients();
    optimizer.stepKeepingGradients();
    assertArrayEquals(new double[] {0.8, 0.6, 0.4, 2, 2}, weights(), 1e-15);
    optimizer.step();
    optimizer.step();
    assertArrayEquals(new double[] {0.7, 0.4, 0.1, 2, 2}, weights(), 1e-15);
    assertEquals(4, optimizer.appliedSteps());
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void failStopsBeforeTheBadStep(OptimizerSpec spec) {
    model.init(session, DType.F64, 0);
    Optimizer optimizer = spec.bind(model);
    for (int step = 1; step <= 3; step++) {
      step(optimizer, step, step);
    }
    double[] before = weights();
    double[][] states = states(optimizer);
    step(optimizer, 1, Double.NaN);
    step(optimizer, 2, 2);
    step(optimizer, Double.POSITIVE_INFINITY, 1);
    assertArrayEquals(before, weights());
    assertArrayEquals(states, states(optimizer));
    assertEquals(3, optimizer.appliedSteps());
    assertEquals(6, optimizer.attemptedSteps());
    String message = assertThrows(NonFiniteException.class, optimizer::requireFinite).getMessage();
    assertTrue(message.startsWith("step 4: the gradient of \"second\""), message);
    assertTrue(message.contains("weights are those before that step"), message);
  }

  @Test
  void theFirstBadParameterIsNamed() {
    model.init(session, 0);
    Optimizer optimizer = Optimizers.adamW(0.1).bind(model);
    optimizer.requireFinite();
    step(optimizer, Double.NEGATIVE_INFINITY, Double.NaN);
    String message = assertThrows(NonFiniteException.class, optimizer::requireFinite).getMessage();
    assertTrue(message.startsWith("step 1: the gradient of \"first\""), message);
    assertArrayEquals(new double[] {1, 1, 1, 2, 2}, weights());
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void skipLeavesTheBadStepOut(OptimizerSpec spec) {
    OptimizerOptions skip = OptimizerOptions.DEFAULT.nonFinite(NonFinite.SKIP);
    // Rates differ between steps: they must advance with the applied steps only.
    OptimizerSpec scheduled = spec.schedule(Schedule.of(0.1, 0.05, 0.02));
    double[] expected = run(scheduled, skip, 1, 2, 3);
    assertArrayEquals(expected, run(scheduled, skip, 1, Double.NaN, 2, Double.NaN, 3));
    double[] other = run(scheduled, skip, 1, 2);
    assertFalse(Arrays.equals(expected, other), "a step makes a difference");
  }

  /** Where no step needs the norm it is computed on demand, from the average of two batches. */
  @ParameterizedTest
  @EnumSource(NonFinite.class)
  void theNormOfTheLastGradientsCanBeAskedFor(NonFinite policy) {
    model.init(session, DType.F64, 0);
    Optimizer optimizer =
        Optimizers.sgd(0.5).bind(model, OptimizerOptions.DEFAULT.nonFinite(policy).accumulate(2));
    model.first.value().backward(session.tensor(new double[] {1, 0, 2}, 3));
    model.first.value().backward(session.tensor(new double[] {1, 0, 2}, 3));
    model.second.value().backward(session.tensor(new double[] {0, 4}, 2));
    optimizer.step();
    assertEquals(3, optimizer.gradientNorm(), 1e-15);
    assertArrayEquals(new double[] {0.5, 1, 0, 2, 1}, weights(), 1e-15);
  }

  @Test
  void propagateWritesWhatItGets() {
    OptimizerOptions propagate = OptimizerOptions.DEFAULT.nonFinite(NonFinite.PROPAGATE);
    double[] weights = run(Optimizers.sgd(0.1), propagate, 1, Double.NaN, 1);
    assertTrue(DoubleStream.of(weights).allMatch(Double::isNaN), () -> Arrays.toString(weights));
  }

  @ParameterizedTest
  @EnumSource
  void finiteGradientsGiveTheSameUnderEveryPolicy(NonFinite policy) {
    OptimizerSpec spec = Optimizers.adamW(0.01);
    assertArrayEquals(
        run(spec, OptimizerOptions.DEFAULT, 1, 2, 3),
        run(spec, OptimizerOptions.DEFAULT.nonFinite(policy), 1, 2, 3));
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void microBatchesAreAveraged(OptimizerSpec spec) {
    OptimizerOptions clipped = OptimizerOptions.DEFAULT.clip(Clip.byGlobalNorm(2));
    double[] whole = run(spec, clipped, 2.5, 5, 2.5);
    model.init(session, DType.F64, 0);
    Optimizer optimizer = spec.bind(model, clipped.accumulate(4));
    for (double middle : new double[] {2.5, 5, 2.5}) {
      for (double part : new double[] {-1.5, -0.5, 0.5, 1.5}) {
        backward(middle + part, middle + part);
      }
      optimizer.step();
    }
    assertArrayEquals(whole, weights(), 1e-15);
    assertEquals(2.5 * Math.sqrt(5), optimizer.gradientNorm(), 1e-12);
  }

  @Test
  void gradientsAreClippedTogether() {
    // All five elements of the gradient are 3: the norm is 3 sqrt(5).
    double norm = 3 * Math.sqrt(5);
    double factor = 1.5 / (norm + 1e-6);
    double[] byNorm =
        run(Optimizers.sgd(1), OptimizerOptions.DEFAULT.clip(Clip.byGlobalNorm(1.5)), 3);
    assertArrayEquals(expected(1 - 3 * factor, 2 - 3 * factor), byNorm, 1e-15);
    double[] byMaximum =
        run(
            Optimizers.sgd(1),
            OptimizerOptions.DEFAULT.clip(new Clip.ByGlobalNorm(1.5, Double.POSITIVE_INFINITY)),
            3);
    assertArrayEquals(expected(-0.5, 0.5), byMaximum, 1e-6);
    double[] byValue =
        run(Optimizers.sgd(1), OptimizerOptions.DEFAULT.clip(new Clip.ByValue(0.5)), -3);
    assertArrayEquals(expected(1.5, 2.5), byValue);
    double[] inactive =
        run(Optimizers.sgd(1), OptimizerOptions.DEFAULT.clip(Clip.byGlobalNorm(100)), 3);
    assertArrayEquals(expected(-2, -1), inactive, 1e-15);
  }

  @ParameterizedTest
  @MethodSource("optimizers")
  void aParameterWithoutGradientWaits(OptimizerSpec spec) {
    model.init(session, DType.F64, 0);
    Optimizer optimizer = spec.bind(model);
    step(optimizer, 1, 1);
    double[] second = model.second.value().toDoubles();
    double[][] states = states(optimizer, model.second);
    for (int i = 0; i < 2; i++) {
      try (var _ = session.scope("step")) {
        loss(model.first, 2).backward();
        assertNull(model.second.value().grad());
        optimizer.step();
      }
    }
    assertArrayEquals(second, model.second.value().toDoubles());
    assertArrayEquals(states, states(optimizer, model.second));
    step(optimizer, 3, 3);
    double[] resumed = model.second.value().toDoubles();
    // Its second step is like that of a parameter that never waited: counts are per parameter.
    OptimizerOptions all = OptimizerOptions.DEFAULT;
    double[] straight = run(spec, all, 1, 3);
    assertArrayEquals(Arrays.copyOfRange(straight, 3, 5), resumed, 1e-15);
  }

  @Test
  void frozenParametersStayOut() {
    model.first.freeze();
    model.init(session, DType.F64, 0);
    assertFalse(model.first.value().requiresGrad());
    assertEquals(2, model.parameterCount());
    Optimizer optimizer = Optimizers.adamW(0.1).bind(model);
    step(optimizer, 1, 1);
    assertArrayEquals(new double[] {1, 1, 1}, model.first.value().toDoubles());
    assertTrue(model.second.value().toDoubles()[0] < 2);
    List<ParameterGroup> withFrozen =
        List.of(new ParameterGroup(List.of(model.first, model.second), Optimizers.sgd(1)));
    assertMessage(
        "\"first\" is frozen", () -> Optimizer.bind(withFrozen, OptimizerOptions.DEFAULT));
  }

  /** Else the next step would train nothing, or fail somewhere else. */
  @Test
  void freezingATrainedParameterIsRefused() {
    model.init(session, DType.F64, 0);
    Optimizer optimizer = Optimizers.sgd(0.1).bind(model);
    assertMessage("parameter \"first\"", model.first::freeze);
    assertMessage("close", model.first::freeze);
    assertTrue(model.first.isTrainable());
    step(optimizer, 1, 1);
    assertEquals(1, optimizer.appliedSteps());
    optimizer.close();
    double[] trained = model.first.value().toDoubles();
    model.first.freeze();
    step(Optimizers.sgd(0.1).bind(model), 1, 1);
    assertArrayEquals(trained, model.first.value().toDoubles());
  }

  /** A step in two halves that is not captured at all. */
  @Test
  void applyKnowsTheGradientsOfTheVeryFirstStep() {
    double[][] results = new double[2][];
    for (int halves = 0; halves < 2; halves++) {
      model.init(session, DType.F64, 0);
      Optimizer optimizer = Optimizers.adamW(0.1).bind(model);
      loss(model.first, 1).add(loss(model.second, 2)).backward();
      if (halves == 1) {
        optimizer.prepare();
        optimizer.apply();
      } else {
        optimizer.step();
      }
      results[halves] =
          DoubleStream.concat(
                  Arrays.stream(model.first.value().toDoubles()),
                  Arrays.stream(model.second.value().toDoubles()))
              .toArray();
      optimizer.close();
    }
    assertArrayEquals(results[0], results[1]);
    assertTrue(results[0][0] != 1);
  }

  @Test
  void wrongGroupsAreRefused() {
    model.init(session, DType.F64, 0);
    ParameterGroup one = new ParameterGroup(List.of(model.first), Optimizers.sgd(1));
    assertMessage(
        "\"first\" is in two groups",
        () -> Optimizer.bind(List.of(one, one), OptimizerOptions.DEFAULT));
    TwoVectors single = new TwoVectors();
    single.init(session, 0);
    ParameterGroup mixed =
        new ParameterGroup(List.of(model.first, single.second), Optimizers.sgd(1));
    assertThrows(
        DTypeException.class, () -> Optimizer.bind(List.of(mixed), OptimizerOptions.DEFAULT));
    assertThrows(
        IllegalArgumentException.class, () -> Optimizer.bind(List.of(), OptimizerOptions.DEFAULT));
    assertThrows(IllegalArgumentException.class, () -> OptimizerOptions.DEFAULT.accumulate(0));
  }

  @Test
  void groupsHaveTheirOwnRates() {
    model.init(session, DType.F64, 0);
    Optimizer optimizer =
        Optimizer.bind(
            List.of(
                new ParameterGroup(List.of(model.second), Optimizers.sgd(0.5)),
                new ParameterGroup(List.of(model.first), Optimizers.sgd(0.25))),
            OptimizerOptions.DEFAULT);
    step(optimizer, 2, 2);
    assertArrayEquals(expected(0.5, 1), weights());
    assertEquals(0.5, optimizer.learningRate());
  }

  /** The rates are uploaded 1024 at a time; skipped steps must not shift them. */
  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void ratesContinueBeyondTheRing(int badEvery) {
    int steps = 2 * RateRing.WINDOW + 100;
    model.init(session, DType.F64, 0);
    Schedule rates = step -> 1e-6 * (step + 1);
    Optimizer optimizer =
        Optimizers.sgd(1)
            .schedule(rates)
            .bind(model, OptimizerOptions.DEFAULT.nonFinite(NonFinite.SKIP));
    long applied = 0;
    double expected = 1;
    for (int i = 1; i <= steps; i++) {
      boolean bad = badEvery > 0 && i % badEvery == 0;
      step(optimizer, bad ? Double.NaN : 1, 1);
      expected -= bad ? 0 : rates.rate(applied);
      applied += bad ? 0 : 1;
    }
    assertEquals(applied, optimizer.appliedSteps());
    assertEquals(expected, weights()[0], 1e-12);
    assertEquals(rates.rate(applied), optimizer.learningRate());
  }

  @Test
  void composedUpdatesCanBeAskedFor() {
    model.init(session, DType.F64, 0);
    Optimizer optimizer =
        Optimizers.adamW(1e-3).bind(model, OptimizerOptions.DEFAULT.composed(true));
    assertFalse(optimizer.isFused());
    assertTrue(optimizer.explain().startsWith("composed"), optimizer::explain);
    OptimizerOptions options = OptimizerOptions.DEFAULT.composed(true).accumulate(3);
    assertEquals(
        options,
        options.clip(Clip.none()).nonFinite(NonFinite.FAIL).accumulate(3),
        "options keep each other");
  }

  /**
   * On a backend with fused updates this compares the two; elsewhere it compares composed with
   * itself.
   */
  @ParameterizedTest
  @MethodSource("optimizers")
  void fusedAndComposedAgree(OptimizerSpec spec) {
    OptimizerOptions options = OptimizerOptions.DEFAULT.clip(Clip.byGlobalNorm(1));
    assertArrayEquals(
        run(spec, options, 1, -2, 3), run(spec, options.composed(true), 1, -2, 3), 1e-14);
  }

  @Test
  void bindingAgainContinuesFromTheCurrentWeights() {
    double[] weights = run(Optimizers.sgd(0.5), OptimizerOptions.DEFAULT, 1);
    Optimizer next = Optimizers.sgd(0.25).bind(model);
    assertArrayEquals(weights, weights());
    step(next, 1, 1);
    assertArrayEquals(expected(0.25, 1.25), weights());
    assertEquals(1, next.appliedSteps());
  }

  @Test
  void zeroGradForgets() {
    model.init(session, DType.F64, 0);
    Optimizer optimizer = Optimizers.sgd(1).bind(model);
    backward(100, 100);
    optimizer.zeroGrad();
    assertNull(model.first.value().grad());
    step(optimizer, 1, 1);
    assertArrayEquals(expected(0, 1), weights());
  }

  @Test
  void unknownStatesAreNamed() {
    model.init(session, DType.F64, 0);
    Optimizer optimizer = Optimizers.adamW(1).bind(model);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> optimizer.state("momentum_buffer", model.first))
            .getMessage();
    assertTrue(message.contains("exp_avg_sq"), message);
    assertDoesNotThrow(() -> optimizer.state("exp_avg", model.first));
  }

  private double[] run(OptimizerSpec spec, OptimizerOptions options, double... gradients) {
    model.init(session, DType.F64, 0);
    try (Optimizer optimizer = spec.bind(model, options)) {
      for (double gradient : gradients) {
        step(optimizer, gradient, gradient);
      }
    }
    return weights();
  }

  private void step(Optimizer optimizer, double first, double second) {
    backward(first, second);
    optimizer.step();
  }

  private void backward(double first, double second) {
    try (var _ = session.scope("step")) {
      loss(model.first, first).add(loss(model.second, second)).backward();
    }
  }

  /** A loss whose gradient is one value everywhere. */
  private Tensor loss(Parameter parameter, double gradient) {
    return parameter.value().mul(gradient).sum();
  }

  private double[] weights() {
    return DoubleStream.concat(
            DoubleStream.of(model.first.value().toDoubles()),
            DoubleStream.of(model.second.value().toDoubles()))
        .toArray();
  }

  private double[][] states(Optimizer optimizer) {
    double[][] first = states(optimizer, model.first);
    double[][] second = states(optimizer, model.second);
    double[][] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static double[][] states(Optimizer optimizer, Parameter parameter) {
    return optimizer.stateNames().stream()
        .sorted()
        .map(name -> optimizer.state(name, parameter).toDoubles())
        .toArray(double[][]::new);
  }

  private static double[] expected(double first, double second) {
    return new double[] {first, first, first, second, second};
  }

  private static void assertMessage(String part, Executable action) {
    String message = assertThrows(TalwegException.class, action).getMessage();
    assertTrue(message.contains(part), message);
  }
}
