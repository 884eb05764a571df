package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

class GateTest {
  private static int failures(Metric metric, double own, double others) {
    Gate gate = new Gate(Map.of(metric, own));
    gate.betterThan("other", metric, Map.of(metric, others));
    return gate.failures().size();
  }

  /** A model that diverged must not stand for ever. */
  @Test
  void anyNumberIsBetterThanNaN() {
    for (Metric metric : Metric.values()) {
      assertEquals(0, failures(metric, 2.5, Double.NaN), metric.label());
      assertEquals(1, failures(metric, Double.NaN, 2.5), metric.label());
      assertEquals(1, failures(metric, Double.NaN, Double.NaN), metric.label());
      assertEquals(1, failures(metric, 2.5, 2.5), metric.label());
    }
  }

  @Test
  void whatTheOtherDoesNotHaveIsNotBeaten() {
    Gate gate = new Gate(Map.of(Metric.LOSS, 1.0));
    gate.betterThan("other", Metric.LOSS, Map.of());
    assertEquals(1, gate.failures().size());
  }
}
