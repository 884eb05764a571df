package talweg.plot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContoursTest {
  private static final Range UNIT = new Range(-1, 1);

  private static final Surface BOWL = Surface.of(UNIT, UNIT, 81, 81, (x, y) -> x * x + y * y);

  @Test
  void aBowlHasCircles() {
    List<Contours.Line> lines = Contours.lines(BOWL, 0.36);
    assertEquals(1, lines.size());
    assertTrue(lines.getFirst().isClosed());
    for (double[] p : lines.getFirst().points()) {
      assertEquals(0.6, Math.hypot(p[0], p[1]), 1e-3);
    }
    assertEquals(Math.PI * 0.36, Math.abs(area(lines.getFirst())), 2e-3);
  }

  @Test
  void aPlaneHasStraightLinesFromBorderToBorder() {
    Surface plane = Surface.of(UNIT, UNIT, 5, 9, (x, y) -> x + 2 * y);
    List<Contours.Line> lines = Contours.lines(plane, 0.3);
    assertEquals(1, lines.size());
    Contours.Line line = lines.getFirst();
    assertFalse(line.isClosed());
    for (double[] p : line.points()) {
      assertEquals(0.3, p[0] + 2 * p[1], 1e-12);
    }
    double length = line.points().getLast()[0] - line.points().getFirst()[0];
    assertEquals(2, Math.abs(length), 1e-12);
  }

  @Test
  void aSaddleHasTwoBranchesThatDoNotCross() {
    Surface saddle = Surface.of(UNIT, UNIT, 20, 20, (x, y) -> x * y);
    for (double level : new double[] {-0.1, 0.1}) {
      List<Contours.Line> lines = Contours.lines(saddle, level);
      assertEquals(2, lines.size());
      for (Contours.Line line : lines) {
        double side = Math.signum(line.points().getFirst()[0]);
        assertTrue(line.points().stream().allMatch(p -> Math.signum(p[0]) == side));
      }
    }
  }

  /**
   * What is lower than a random plane's level is a polygon whose area is the share of the square.
   */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void outlinesEncloseWhatIsLower(long seed) {
    Random random = new Random(seed);
    double a = random.nextDouble() * 4 - 2;
    double level = random.nextDouble() - 0.5;
    Surface steps = Surface.of(UNIT, UNIT, 7, 7, (x, y) -> x + a * y);
    double enclosed = 0;
    for (Contours.Line line : Contours.outlines(steps, level)) {
      assertTrue(line.isClosed());
      enclosed += Math.abs(area(line));
    }
    int inside = 0;
    int n = 800;
    for (int i = 0; i < n * n; i++) {
      double x = -1 + 2 * (i % n + 0.5) / n;
      double y = -1 + 2 * (i / n + 0.5) / n;
      inside += x + a * y < level ? 1 : 0;
    }
    assertEquals(4.0 * inside / (n * n), enclosed, 5e-3);
  }

  @Test
  void nothingIsDrawnAroundNaN() {
    Surface hole =
        Surface.of(UNIT, UNIT, 9, 9, (x, y) -> x * x + y * y < 0.1 ? Double.NaN : x * x + y * y);
    assertTrue(
        Contours.lines(hole, 0.5).stream()
            .flatMap(line -> line.points().stream())
            .allMatch(p -> Double.isFinite(p[0]) && Double.isFinite(p[1])));
  }

  @Test
  void levelsAreDenseAtTheBottom() {
    double[] levels = Levels.logarithmic(BOWL, 4, 2);
    assertEquals(4, levels.length);
    for (int i = 1; i < levels.length; i++) {
      assertEquals(Math.sqrt(10), levels[i] / levels[i - 1], 1e-9);
    }
    assertEquals(0, Levels.logarithmic(Surface.of(UNIT, UNIT, 3, 3, (_, _) -> 1), 4, 2).length);
  }

  private static double area(Contours.Line line) {
    double twice = 0;
    for (int i = 1; i < line.points().size(); i++) {
      double[] p = line.points().get(i - 1);
      double[] q = line.points().get(i);
      twice += p[0] * q[1] - q[0] * p[1];
    }
    return twice / 2;
  }
}
