package talweg.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static talweg.check.BadValues.atLeast;
import static talweg.check.BadValues.bound;
import static talweg.check.BadValues.decay;
import static talweg.check.BadValues.fraction;
import static talweg.check.BadValues.notNegative;
import static talweg.check.BadValues.positive;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import talweg.check.BadValues;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.nn.Parameter;
import talweg.op.NonFinite;
import talweg.optim.GradientTransform.AddDecayedWeights;
import talweg.optim.GradientTransform.Momentum;
import talweg.optim.GradientTransform.ScaleByAdam;
import talweg.session.Session;

/** Settings out of range are refused where they are given. */
class SettingsTest {
  @ParameterizedTest
  @MethodSource({"learningRates", "factories", "transforms", "clips"})
  void outOfRangeIsRefused(BadValues values) {
    values.check(IllegalArgumentException.class);
  }

  static Stream<BadValues> learningRates() {
    return Stream.of(
        notNegative("sgd: learning rate", Optimizers::sgd),
        notNegative("adam: learning rate", Optimizers::adam),
        notNegative("adamw: learning rate", Optimizers::adamW),
        notNegative("lamb: learning rate", Optimizers::lamb),
        notNegative("lamb-nvidia: learning rate", Optimizers::lambNvidia),
        notNegative("rmsprop: learning rate", Optimizers::rmsprop),
        notNegative("adagrad: learning rate", Optimizers::adagrad),
        notNegative("adadelta: learning rate", Optimizers::adadelta),
        notNegative("nadam: learning rate", Optimizers::nadam),
        notNegative("radam: learning rate", Optimizers::radam),
        notNegative("lion: learning rate", Optimizers::lion),
        notNegative("muon: learning rate", Optimizers::muon),
        notNegative("schedule constant: learning rate", Schedule.Constant::new));
  }

  static Stream<BadValues> factories() {
    return Stream.of(
        fraction("momentum", v -> Optimizers.sgd(v, 0, false, 0)),
        notNegative("decay", v -> Optimizers.sgd(0, 0, false, v)),
        decay("beta1", v -> Optimizers.adamW(v, 0.999, 1e-8, 0, false)),
        decay("beta2", v -> Optimizers.adam(0.9, v, 1e-8, 0, false)),
        notNegative("eps", v -> Optimizers.adam(0.9, 0.999, v, 0, false)),
        notNegative("decay", v -> Optimizers.adamW(0.9, 0.999, 1e-8, v, false)),
        notNegative("minPhi", v -> Optimizers.lamb(0.9, 0.999, 1e-6, 0, v, 2e9)),
        decay("beta1", v -> nvidia(v, 0.5, 0, 0)),
        decay("beta2", v -> nvidia(0.5, v, 0, 0)),
        notNegative("eps", v -> nvidia(0.5, 0.5, v, 0)),
        notNegative("weight decay", v -> nvidia(0.5, 0.5, 0, v)));
  }

  static Stream<BadValues> transforms() {
    return Stream.of(
        notNegative("weight decay: decay", AddDecayedWeights::new),
        fraction("momentum: momentum", v -> new Momentum(v, 0, false)),
        fraction("momentum: dampening", v -> new Momentum(0.5, v, false)),
        decay("adam: beta1", v -> new ScaleByAdam(v, 0.5, 0, false)),
        decay("adam: beta2", v -> new ScaleByAdam(0.5, v, 0, false)),
        notNegative("adam: eps", v -> new ScaleByAdam(0.5, 0.5, v, false)),
        fraction("adadelta: rho", v -> new ScaleByAdadelta(v, 0)),
        notNegative("adadelta: eps", v -> new ScaleByAdadelta(0.5, v)),
        notNegative("adagrad: rate decay", v -> new ScaleByAdagrad(v, 0, 0)),
        notNegative("adagrad: eps", v -> new ScaleByAdagrad(0, v, 0)),
        notNegative("adagrad: initial accumulator", v -> new ScaleByAdagrad(0, 0, v)),
        decay("lamb: beta1", v -> new ScaleByLambMoments(v, 0.5, 0, true, true)),
        decay("lamb: beta2", v -> new ScaleByLambMoments(0.5, v, 0, true, true)),
        notNegative("lamb: eps", v -> new ScaleByLambMoments(0.5, 0.5, v, true, true)),
        decay("lion: beta1", v -> new ScaleByLion(v, 0.5)),
        decay("lion: beta2", v -> new ScaleByLion(0.5, v)),
        decay("nadam: beta1", v -> new ScaleByNadam(v, 0.5, 0, 0)),
        decay("nadam: beta2", v -> new ScaleByNadam(0.5, v, 0, 0)),
        notNegative("nadam: eps", v -> new ScaleByNadam(0.5, 0.5, v, 0)),
        notNegative("nadam: momentum decay", v -> new ScaleByNadam(0.5, 0.5, 0, v)),
        decay("radam: beta1", v -> new ScaleByRadam(v, 0.5, 0)),
        decay("radam: beta2", v -> new ScaleByRadam(0.5, v, 0)),
        notNegative("radam: eps", v -> new ScaleByRadam(0.5, 0.5, v)),
        fraction("rmsprop: alpha", v -> new ScaleByRms(v, 0, false)),
        notNegative("rmsprop: eps", v -> new ScaleByRms(0.5, v, false)),
        notNegative("muon: eps", v -> new Orthogonalize(1, v, Orthogonalize.Size.ASPECT)),
        atLeast(
            "muon: Newton-Schulz iterations",
            1,
            v -> new Orthogonalize((int) v, 0, Orthogonalize.Size.ASPECT)));
  }

  static Stream<BadValues> clips() {
    return Stream.of(
        bound("clip by value: limit", Clip.ByValue::new),
        bound("clip by global norm: max norm", Clip::byGlobalNorm),
        bound("clip by global norm: order", v -> new Clip.ByGlobalNorm(1, v)),
        notNegative("clip by global norm: eps", v -> new Clip.ByGlobalNorm(1, 2, v)),
        bound("clip by tensor norm: max norm", Clip::byTensorNorm),
        bound("clip by tensor norm: order", v -> new Clip.ByTensorNorm(1, v)),
        positive("adaptive clipping: ratio", Clip::adaptive),
        positive("adaptive clipping: eps", v -> new Clip.Adaptive(1, v)),
        atLeast(
            "optimizer: accumulate",
            1,
            v -> new OptimizerOptions(Clip.none(), NonFinite.FAIL, (int) v, false)));
  }

  @Test
  void theDecayOfAnAverageIsCheckedAgainstItsRange() {
    try (Session session = Session.open("reference")) {
      Module model = new Linear(2, 1).init(session, 1);
      Optimizer optimizer = Optimizers.sgd(0.1).bind(model);
      decay("ema: decay", v -> new Ema(optimizer, v)).check(IllegalArgumentException.class);
    }
  }

  /** Rates are computed ahead of the steps; one that no step asks for does no harm. */
  @Test
  void aScheduleOfOnesOwnIsCheckedAtTheStep() {
    for (double wrong : new double[] {Double.NaN, -0.5, Double.POSITIVE_INFINITY}) {
      try (Session session = Session.open("reference")) {
        Parameter weight = new Linear(2, 1).init(session, 1).trainable().getFirst();
        ParameterGroup good = new ParameterGroup(List.of(weight), Optimizers.sgd(0.1));
        Parameter other = new Linear(2, 1).init(session, 1).trainable().getFirst();
        ParameterGroup bad =
            new ParameterGroup(
                List.of(other), Optimizers.sgd(1).schedule(step -> step < 2 ? 0.1 : wrong));
        Optimizer optimizer =
            Optimizer.bind(List.of(good, bad), OptimizerOptions.DEFAULT.nonFinite(NonFinite.SKIP));
        // The second step is left out, so that the fourth is the third that is applied.
        for (double gradient : new double[] {1, Double.NaN, 1}) {
          weight.value().mul(gradient).sum().backward();
          optimizer.step();
        }
        weight.value().sum().backward();
        double[] before = weight.value().toDoubles();
        assertEquals(
            "optimizer: learning rate of step 3 by the schedule of your own: expected a finite"
                + " number >= 0, got "
                + wrong,
            assertThrows(IllegalArgumentException.class, optimizer::step).getMessage());
        assertArrayEquals(before, weight.value().toDoubles());
        optimizer.schedules(List.of(new Schedule.Constant(0.1), new Schedule.Constant(0.1)));
        optimizer.step();
      }
    }
  }

  @Test
  void theErrorNamesTheRange() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> Optimizers.adamW(1.2, 0.999, 1e-8, 0, false));
    assertEquals("adam: beta1: expected a number in [0, 1), got 1.2", e.getMessage());
  }

  /** The upper bound of LAMB's phi may be infinite; the order of both matters. */
  @Test
  void theBoundsOfTheTrustRatioAreOrdered() {
    for (double max : new double[] {0.5, -1, Double.NaN}) {
      assertThrows(
          IllegalArgumentException.class, () -> new ScaleByTrustRatio(true, 1, max), "" + max);
    }
    assertEquals(
        List.of("trust_ratio"),
        new ScaleByTrustRatio(true, 1, Double.POSITIVE_INFINITY).scalarNames());
  }

  private static NvidiaLamb nvidia(double beta1, double beta2, double eps, double decay) {
    return new NvidiaLamb(beta1, beta2, eps, decay, true, true, true, false);
  }
}
