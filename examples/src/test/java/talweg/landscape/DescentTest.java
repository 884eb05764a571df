package talweg.landscape;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.session.Session;
import talweg.tensor.DType;

class DescentTest {
  @ParameterizedTest
  @EnumSource
  void minimaAreMinima(TestFunction function) {
    for (double[] minimum : function.minima()) {
      double at = value(function, minimum[0], minimum[1]);
      for (double step : new double[] {-1e-2, 1e-2}) {
        assertTrue(value(function, minimum[0] + step, minimum[1]) > at);
        assertTrue(value(function, minimum[0], minimum[1] + step) > at);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyOptimizerGoesDown(TestFunction function) {
    for (Contestant contestant : Contestant.values()) {
      Trajectory way =
          Descent.run(function::at, function.start(), contestant.spec(function.rates()), 100);
      assertEquals(100, way.steps());
      assertTrue(way.last() < 0.7 * way.values().getFirst(), contestant + ": " + way.last());
    }
  }

  /** x' = x (1 - rate), y' = y (1 - 40 rate). */
  @Test
  void gradientDescentOnAQuadraticIsKnown() {
    Trajectory way =
        Descent.run(TestFunction.RAVINE::at, new double[] {2, 1}, Contestant.SGD.spec(0.01), 3);
    assertArrayEquals(
        new double[] {2, 2 * 0.99, 2 * 0.99 * 0.99, 2 * 0.99 * 0.99 * 0.99}, way.x(), 1e-12);
    assertArrayEquals(new double[] {1, 0.6, 0.36, 0.216}, way.y(), 1e-12);
    assertEquals(2 + 20, way.values().getFirst(), 1e-12);
  }

  @Test
  void aSearchThatDivergesEndsThereAndIsDrawnInPart() {
    Trajectory way =
        Descent.run(
            TestFunction.ROSENBROCK::at, new double[] {-0.6, 2.4}, Contestant.SGD.spec(1), 100);
    assertTrue(way.steps() < 100);
    assertFalse(Double.isFinite(way.last()));
    Trajectory near = way.within(TestFunction.ROSENBROCK.x(), TestFunction.ROSENBROCK.y());
    assertEquals(1, near.steps());
  }

  @Test
  void theRegressionsLargestStableRateIsTheBorder() {
    Sales data = Sales.load();
    LineFit fit = new LineFit(data.spending(), data.sales());
    double[] start = {3, 6};
    double limit = fit.largestStableRate();
    Trajectory below = Descent.run(fit::loss, start, Contestant.SGD.spec(0.97 * limit), 200);
    Trajectory above = Descent.run(fit::loss, start, Contestant.SGD.spec(1.03 * limit), 200);
    assertTrue(below.last() < below.values().getFirst());
    assertTrue(above.last() > above.values().getFirst());
    double[] best = fit.best();
    Trajectory there = Descent.run(fit::loss, best, Contestant.SGD.spec(0.5 * limit), 1);
    assertArrayEquals(best, there.points().getLast(), 1e-12);
  }

  /** Each row of a direction is as long as the weights' row; biases do not move. */
  @Test
  void directionsAreNormalisedByFilter() {
    try (Session session = Session.open("reference")) {
      Linear layer = new Linear(4, 3);
      Module model = layer.init(session, DType.F64, 7);
      List<double[]> direction = new NetworkSlice(model).direction(0);
      double[] weights = layer.weight().value().toDoubles();
      for (int row = 0; row < 3; row++) {
        assertEquals(norm(weights, row), norm(direction.get(0), row), 1e-12);
      }
      assertArrayEquals(new double[3], direction.get(1));
    }
  }

  @Test
  void unknownOptimizersAreRefusedWithTheKnownOnes() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Contestant.named("sdg")).getMessage();
    assertTrue(message.contains("sgd, momentum, nesterov, rmsprop, adam"), message);
  }

  private static double norm(double[] values, int row) {
    return Math.sqrt(
        IntStream.range(4 * row, 4 * row + 4).mapToDouble(i -> values[i] * values[i]).sum());
  }

  private static double value(TestFunction function, double x, double y) {
    return Descent.run(function::at, new double[] {x, y}, Contestant.SGD.spec(1), 0).last();
  }
}
