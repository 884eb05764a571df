package talweg.optim.schedule;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static talweg.check.BadValues.atLeast;
import static talweg.check.BadValues.decay;
import static talweg.check.BadValues.notNegative;
import static talweg.check.BadValues.positive;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import talweg.check.BadValues;
import talweg.optim.Schedule;

/** Each setting of each schedule is checked where it is given. */
class ScheduleSettingsTest {
  private static final Schedule ONE = new Schedule.Constant(1);

  @ParameterizedTest
  @MethodSource({"decays", "cycles", "plateaus", "others"})
  void outOfRangeIsRefused(BadValues values) {
    values.check(IllegalArgumentException.class);
  }

  static Stream<BadValues> decays() {
    return Stream.of(
        notNegative("constant-factor: base", v -> new ConstantFactor(v, 1, 1)),
        notNegative("constant-factor: factor", v -> new ConstantFactor(1, v, 1)),
        atLeast("constant-factor: total", 0, v -> new ConstantFactor(1, 1, (long) v)),
        notNegative("exponential: base", v -> new ExponentialDecay(v, 1, 1)),
        positive("exponential: factor", v -> new ExponentialDecay(1, v, 1)),
        atLeast("exponential: every", 1, v -> new ExponentialDecay(1, 1, (long) v)),
        notNegative("inverse-sqrt: base", v -> new InverseSqrt(v, 1)),
        atLeast("inverse-sqrt: warmup", 1, v -> new InverseSqrt(1, (long) v)),
        notNegative("linear: base", v -> new LinearRamp(v, 1, 0, 1)),
        notNegative("linear: start", v -> new LinearRamp(1, v, 0, 1)),
        notNegative("linear: end", v -> new LinearRamp(1, 1, v, 1)),
        atLeast("linear: total", 1, v -> new LinearRamp(1, 1, 0, (long) v)),
        notNegative("multistep: base", v -> new MultiStepDecay(v, 1, List.of())),
        notNegative("multistep: factor", v -> new MultiStepDecay(1, v, List.of())),
        atLeast("multistep: at", 0, v -> new MultiStepDecay(1, 1, List.of((long) v))),
        notNegative("polynomial: base", v -> new PolynomialDecay(v, 1, 1)),
        atLeast("polynomial: total", 1, v -> new PolynomialDecay(1, (long) v, 1)),
        positive("polynomial: power", v -> new PolynomialDecay(1, 1, v)),
        notNegative("step: base", v -> new StepDecay(v, 1, 1)),
        notNegative("step: factor", v -> new StepDecay(1, v, 1)),
        atLeast("step: every", 1, v -> new StepDecay(1, 1, (long) v)));
  }

  static Stream<BadValues> cycles() {
    return Stream.of(
        notNegative("cosine: base", v -> new Schedule.Cosine(v, 1, 0)),
        atLeast("cosine: total", 1, v -> new Schedule.Cosine(1, (long) v, 0)),
        notNegative("cosine: min", v -> new Schedule.Cosine(1, 1, v)),
        notNegative("cosine-restarts: base", v -> new CosineRestarts(v, 1, 1, 0)),
        atLeast("cosine-restarts: first", 1, v -> new CosineRestarts(1, (long) v, 1, 0)),
        atLeast("cosine-restarts: mult", 1, v -> new CosineRestarts(1, 1, (long) v, 0)),
        notNegative("cosine-restarts: min", v -> new CosineRestarts(1, 1, 1, v)),
        notNegative("cyclic: base", v -> cyclic(v, 1, 1, 1, 1)),
        notNegative("cyclic: max", v -> cyclic(1, v, 1, 1, 1)),
        atLeast("cyclic: up", 1, v -> cyclic(1, 1, (long) v, 1, 1)),
        atLeast("cyclic: down", 1, v -> cyclic(1, 1, 1, (long) v, 1)),
        positive("cyclic: gamma", v -> cyclic(1, 1, 1, 1, v)),
        notNegative("one-cycle: max", v -> oneCycle(v, 1, 0.3, 1, 1)),
        atLeast("one-cycle: total", 1, v -> oneCycle(1, (long) v, 0.3, 1, 1)),
        positive("one-cycle: div", v -> oneCycle(1, 1, 0.3, v, 1)),
        positive("one-cycle: final-div", v -> oneCycle(1, 1, 0.3, 1, v)),
        new BadValues(
            "one-cycle: peak",
            v -> oneCycle(1, 1, v, 1, 1),
            new double[] {-0.5, 0, 1, 2, Double.NaN, Double.POSITIVE_INFINITY},
            new double[] {Double.MIN_VALUE, Math.nextDown(1.0)}),
        new BadValues(
            "one-cycle: peak",
            v -> new OneCycle(1, 1, v, 1, 1, OneCycle.Anneal.COS, true),
            new double[] {Math.nextUp(0.5)},
            new double[] {0.5}));
  }

  static Stream<BadValues> plateaus() {
    return Stream.of(
        notNegative("plateau: base", v -> plateau(v, 0.5, 1, 0, 0, 0, 0, 0, 0, 0)),
        decay("plateau: factor", v -> plateau(1, v, 1, 0, 0, 0, 0, 0, 0, 0)),
        atLeast("plateau: patience", 0, v -> plateau(1, 0.5, (int) v, 0, 0, 0, 0, 0, 0, 0)),
        notNegative("plateau: threshold", v -> plateau(1, 0.5, 1, v, 0, 0, 0, 0, 0, 0)),
        atLeast("plateau: cooldown", 0, v -> plateau(1, 0.5, 1, 0, (int) v, 0, 0, 0, 0, 0)),
        notNegative("plateau: min", v -> plateau(1, 0.5, 1, 0, 0, v, 0, 0, 0, 0)),
        notNegative("plateau: eps", v -> plateau(1, 0.5, 1, 0, 0, 0, v, 0, 0, 0)),
        atLeast("plateau: bad", 0, v -> plateau(1, 0.5, 1, 0, 0, 0, 0, (int) v, 0, 0)),
        atLeast("plateau: cooling", 0, v -> plateau(1, 0.5, 1, 0, 0, 0, 0, 0, (int) v, 0)),
        new BadValues(
            "plateau: best",
            v -> plateau(1, 0.5, 1, 0, 0, 0, 0, 0, 0, v),
            new double[] {Double.NaN},
            new double[] {Double.POSITIVE_INFINITY, -1}));
  }

  static Stream<BadValues> others() {
    return Stream.of(
        notNegative("rates: values", v -> Schedule.of(1, v)),
        atLeast("warmup: steps", 0, v -> new Schedule.Warmup((long) v, ONE)),
        atLeast("sequence: at", 0, v -> new Sequence(List.of(ONE, ONE), List.of((long) v))));
  }

  @Test
  void listsThatDoNotFitAreRefused() {
    assertThrows(IllegalArgumentException.class, Schedule::of);
    assertThrows(IllegalArgumentException.class, () -> new Product(List.of()));
    assertThrows(IllegalArgumentException.class, () -> new Sequence(List.of(ONE), List.of(1L)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Sequence(List.of(ONE, ONE, ONE), List.of(3L, 2L)));
    assertThrows(IllegalArgumentException.class, () -> new MultiStepDecay(1, 0.5, List.of(3L, 2L)));
    assertDoesNotThrow(() -> new MultiStepDecay(1, 0.5, List.of(2L, 2L, 3L)));
  }

  /** A misspelt setting is shown beside the one that it should have been. */
  @Test
  void aMissingSettingIsShownWithWhatWasGiven() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Schedules.parse("cosine:bas=1"));
    assertTrue(e.getMessage().contains("\"base\" is missing, got only bas;"), e.getMessage());
  }

  private static Cyclic cyclic(double base, double max, long up, long down, double gamma) {
    return new Cyclic(base, max, up, down, Cyclic.Mode.TRIANGULAR, gamma);
  }

  private static OneCycle oneCycle(
      double max, long total, double peak, double div, double finalDiv) {
    return new OneCycle(max, total, peak, div, finalDiv, OneCycle.Anneal.COS, false);
  }

  private static Plateau plateau(
      double rate,
      double factor,
      int patience,
      double threshold,
      int cooldown,
      double min,
      double eps,
      int bad,
      int cooling,
      double best) {
    return new Plateau(
        rate,
        Plateau.Goal.MIN,
        factor,
        patience,
        threshold,
        true,
        cooldown,
        min,
        eps,
        bad,
        cooling,
        best);
  }
}
