package talweg.solve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.solve.MultiStart.Minimum;

class MultiStartTest {
  private static final double[][] HIMMELBLAU = {
    {3, 2},
    {-2.805118086952745, 3.131312518250573},
    {-3.779310253377747, -3.2831859912861696},
    {3.5844283403304917, -1.8481265269644036}
  };

  /** Himmelblau (1972): four minima, all of value 0. */
  private final Objective himmelblau =
      Objective.of(
          x -> {
            double a = x[0] * x[0] + x[1] - 11;
            double b = x[0] + x[1] * x[1] - 7;
            return a * a + b * b;
          },
          x -> {
            double a = x[0] * x[0] + x[1] - 11;
            double b = x[0] + x[1] * x[1] - 7;
            return new double[] {4 * a * x[0] + 2 * b, 2 * a + 4 * b * x[1]};
          });

  /** x^4 - 4 x^2 + x: minima at about -1.47 and 1.35, the left one deeper. */
  private final Objective twoWells =
      Objective.of(
          x -> Math.pow(x[0], 4) - 4 * x[0] * x[0] + x[0],
          x -> new double[] {4 * Math.pow(x[0], 3) - 8 * x[0] + 1});

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void findsTheFourMinimaOfHimmelblau(long seed) {
    for (Minimizer method :
        List.of(LBFGS.DEFAULT, Newton.DEFAULT, NonlinearConjugateGradient.DEFAULT)) {
      MultiStart.Result result =
          MultiStart.of(method, 60, seed)
              .minimize(himmelblau, new double[] {-6, -6}, new double[] {6, 6});
      assertEquals(4, result.minima().size(), () -> method + ": " + result.minima());
      int count = result.minima().stream().mapToInt(Minimum::count).sum();
      assertEquals(60, count + result.failures().size());
      for (double[] expected : HIMMELBLAU) {
        assertTrue(
            result.minima().stream()
                .anyMatch(m -> Vectors.norm(Vectors.minus(m.best().point(), expected)) < 1e-6));
      }
    }
  }

  @Test
  void theLowestComesFirst() {
    List<Minimum> minima =
        MultiStart.of(LBFGS.DEFAULT, 20, 5)
            .minimize(twoWells, new double[] {-3}, new double[] {3})
            .minima();
    assertEquals(2, minima.size());
    assertTrue(minima.get(0).best().value() < minima.get(1).best().value());
    assertTrue(minima.get(0).best().point()[0] < 0);
  }

  @Test
  void theSeedDecides() {
    double[] lower = {-6, -6};
    double[] upper = {6, 6};
    MultiStart once = MultiStart.of(LBFGS.DEFAULT, 10, 9);
    Solution first = once.minimize(himmelblau, lower, upper).minima().getFirst().best();
    Solution again = once.minimize(himmelblau, lower, upper).minima().getFirst().best();
    assertArrayEquals(first.point(), again.point(), 0);
    Solution other =
        MultiStart.of(LBFGS.DEFAULT, 10, 10)
            .minimize(himmelblau, lower, upper)
            .minima()
            .getFirst()
            .best();
    assertTrue(first.history().getFirst().value() != other.history().getFirst().value());
  }

  @Test
  void failuresAreNoMinima() {
    Objective slope = Objective.of(x -> x[0], x -> new double[] {1});
    MultiStart.Result result =
        MultiStart.of(LBFGS.DEFAULT, 3, 1).minimize(slope, new double[1], new double[] {1});
    assertEquals(List.of(), result.minima());
    assertEquals(3, result.failures().size());
    assertEquals(Reason.DIVERGED, result.failures().getFirst().reason());
  }

  @Test
  void refusesBoxesWithoutSense() {
    MultiStart search = MultiStart.of(LBFGS.DEFAULT, 3, 1);
    double[][][] boxes = {
      {{0}, {-1}}, {{0}, {1, 2}}, {{Double.NaN}, {1}}, {{0}, {Double.POSITIVE_INFINITY}}
    };
    for (double[][] box : boxes) {
      assertThrows(IllegalArgumentException.class, () -> search.minimize(twoWells, box[0], box[1]));
    }
    assertThrows(IllegalArgumentException.class, () -> MultiStart.of(LBFGS.DEFAULT, 0, 1));
  }
}
