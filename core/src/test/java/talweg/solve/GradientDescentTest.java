package talweg.solve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.error.NonFiniteException;

class GradientDescentTest {
  /** x^2 + 10 y^2: rates below 0.1 converge. */
  private final Objective bowl =
      Objective.of(x -> x[0] * x[0] + 10 * x[1] * x[1], x -> new double[] {2 * x[0], 20 * x[1]});

  @Test
  void takesTheStepsOfTheFormula() {
    double[] start = {1, 1};
    double[] end =
        GradientDescent.gradientDescent(x -> new double[] {2 * x[0], 20 * x[1]}, start, 0.01, 3);
    assertArrayEquals(new double[] {Math.pow(0.98, 3), Math.pow(0.8, 3)}, end, 1e-15);
    assertArrayEquals(new double[] {1, 1}, start);
    assertArrayEquals(start, GradientDescent.gradientDescent(x -> x, start, 1, 0));
  }

  @Test
  void endsWhereTheGradientIsSmall() {
    Solution found = descent(0.05, 1e-8, 0, 1000).minimize(bowl, new double[] {3, -1});
    assertEquals(Reason.GRADIENT, found.reason());
    assertTrue(found.gradientNorm() <= 1e-8);
    assertEquals(found.iterations() + 1, found.evaluations());
    // x shrinks by 0.9 a step; y is at 0 after the first.
    assertEquals((int) Math.ceil(Math.log(1e-8 / 6) / Math.log(0.9)), found.iterations());
  }

  @Test
  void endsWhereStepsAreSmall() {
    Solution found = descent(0.05, 0, 1e-3, 1000).minimize(bowl, new double[] {1, 0});
    assertEquals(Reason.STEP, found.reason());
    double[] before = found.history().get(found.iterations() - 1).point();
    double[] earlier = found.history().get(found.iterations() - 2).point();
    assertTrue(before[0] - found.point()[0] <= 1e-3);
    assertTrue(earlier[0] - before[0] > 1e-3);
  }

  @Test
  void endsAfterTheLastStep() {
    Solution found = descent(0.05, 0, 0, 7).minimize(bowl, new double[] {1, 1});
    assertEquals(Reason.ITERATIONS, found.reason());
    assertEquals(7, found.iterations());
    assertEquals(Math.pow(0.9, 7), found.point()[0], 1e-15);
  }

  @Test
  void aRateThatIsTooLargeIsNoticed() {
    Solution found = descent(0.11, 1e-8, 0, 100_000).minimize(bowl, new double[] {1, 1});
    assertEquals(Reason.DIVERGED, found.reason());
    assertTrue(
        found.message().contains("0.11 is too large") && found.iterations() < 100, found::message);
    String message =
        assertThrows(
                NonFiniteException.class,
                () ->
                    GradientDescent.gradientDescent(
                        x -> new double[] {x[0] * x[0] * x[0]}, new double[] {10}, 1, 100))
            .getMessage();
    assertTrue(message.contains("rate 1.0 is too large"), message);
  }

  @Test
  void anUndefinedStartIsNoSolution() {
    Objective log = Objective.of(x -> Math.log(x[0]), x -> new double[] {1 / x[0]});
    for (Minimizer method : new Minimizer[] {GradientDescent.DEFAULT, LBFGS.DEFAULT}) {
      Solution found = method.minimize(log, new double[] {-1});
      assertEquals(Reason.DIVERGED, found.reason(), method::toString);
      assertEquals(0, found.iterations());
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void refusesRatesThatAreNotPositive(double rate) {
    assertThrows(IllegalArgumentException.class, () -> descent(rate, 0, 0, 1));
    assertThrows(
        IllegalArgumentException.class,
        () -> GradientDescent.gradientDescent(x -> x, new double[1], rate, 1));
    assertThrows(IllegalArgumentException.class, () -> new Stopping(Double.NaN, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> new Stopping(0, 0, -1));
  }

  private static GradientDescent descent(double rate, double gradient, double step, int steps) {
    return new GradientDescent(rate, new Stopping(gradient, step, steps));
  }
}
