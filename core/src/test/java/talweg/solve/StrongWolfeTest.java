package talweg.solve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import talweg.solve.StrongWolfe.End;
import talweg.solve.StrongWolfe.Found;

class StrongWolfeTest {
  static LongStream seeds() {
    return RandomProblems.seeds();
  }

  /** Both conditions, on functions with many wiggles, whatever the first step. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void meetsBothConditions(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 100; round++) {
      double wiggle = random.nextDouble();
      double wave = 5 * random.nextDouble();
      double middle = 10 * random.nextDouble();
      double curvature = Math.pow(10, -3 * random.nextDouble()) * 0.9;
      StrongWolfe search = StrongWolfe.of(curvature);
      double first = Math.pow(10, 6 * random.nextDouble() - 3);
      Objective f =
          along(
              t -> (t - middle) * (t - middle) + wiggle * Math.cos(wave * t),
              t -> 2 * (t - middle) - wiggle * wave * Math.sin(wave * t));
      Trial start = start(f, -1, 1);
      if (start.slope() >= 0) {
        continue;
      }
      Found found = search.search(f, start, new double[] {1}, first);
      Trial end = found.trial();
      assertEquals(End.WOLFE, found.end());
      double promised = search.decrease() * end.step() * start.slope();
      assertTrue(end.value() <= start.value() + promised + 1e-9, end::toString);
      assertTrue(Math.abs(end.slope()) <= -curvature * start.slope(), end::toString);
      assertEquals(f.value(end.point()), end.value());
    }
  }

  @Test
  void theCubicIsExactOnCubics() {
    // t^3 - 3t has its minimum at 1.
    Objective f = along(t -> t * t * t - 3 * t, t -> 3 * t * t - 3);
    assertEquals(1, StrongWolfe.cubicMinimum(start(f, 0, 1), at(f, 3)), 1e-15);
    assertEquals(1, StrongWolfe.cubicMinimum(at(f, 3), at(f, 0.5)), 1e-15);
  }

  @Test
  void aStepBeyondTheDomainIsShortened() {
    Objective f = along(t -> t < 2 ? -t - Math.log(2 - t) : Double.NaN, t -> -1 + 1 / (2 - t));
    Found found = StrongWolfe.of(0.1).search(f, start(f, 0, 1), new double[] {1}, 100);
    assertEquals(End.WOLFE, found.end());
    assertEquals(1, found.trial().point()[0], 0.1);
  }

  @Test
  void aFallWithoutEndIsTold() {
    Objective line = along(t -> -t, t -> -1);
    Found found = StrongWolfe.of(0.9).search(line, start(line, 0, 1), new double[] {1}, 1);
    assertEquals(End.UNBOUNDED, found.end());
    assertTrue(found.trial().step() > 1e20);
  }

  @Test
  void aSlopeWithTheWrongSignFindsNothing() {
    Objective wrong = along(t -> t * t, t -> -2 * t);
    Found found = StrongWolfe.of(0.9).search(wrong, start(wrong, 1, 1), new double[] {1}, 1);
    assertEquals(End.NONE, found.end());
    assertEquals(0, found.trial().step());
  }

  /**
   * Below the noise of the values, slopes lead to the minimum: sqrt of the rounding error is far.
   */
  @Test
  void slopesDecideWhereValuesAreEqual() {
    Objective f = along(t -> 1e6 + t * t, t -> 2 * t);
    Solution found = LBFGS.DEFAULT.minimize(f, new double[] {1e-3});
    assertEquals(Reason.GRADIENT, found.reason());
    assertEquals(0, found.point()[0], 1e-9);
  }

  @Test
  void refusesConstantsWithoutSense() {
    assertThrows(IllegalArgumentException.class, () -> StrongWolfe.of(1));
    assertThrows(IllegalArgumentException.class, () -> StrongWolfe.of(0));
    assertThrows(IllegalArgumentException.class, () -> new StrongWolfe(0.5, 0.9, 10));
  }

  private static Objective along(DoubleUnaryOperator value, DoubleUnaryOperator slope) {
    return Objective.of(
        x -> value.applyAsDouble(x[0]), x -> new double[] {slope.applyAsDouble(x[0])});
  }

  private static Trial start(Objective f, double x, double direction) {
    double[] point = {x};
    return Trial.of(0, point, f.evaluate(point), new double[] {direction});
  }

  private static Trial at(Objective f, double x) {
    double[] point = {x};
    return Trial.of(x, point, f.evaluate(point), new double[] {1});
  }
}
