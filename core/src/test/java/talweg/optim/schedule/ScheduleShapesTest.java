package talweg.optim.schedule;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.optim.Schedule;

/** What golden vectors do not show: ends, borders, and compositions. */
class ScheduleShapesTest {
  @Test
  void theInverseRootIsThePapersFormula() {
    int width = 512;
    int warmup = 4000;
    Schedule schedule = InverseSqrt.ofModelWidth(width, warmup);
    for (long n : new long[] {1, 2, 1000, 3999, 4000, 4001, 100_000}) {
      double paper =
          Math.pow(width, -0.5) * Math.min(Math.pow(n, -0.5), n * Math.pow(warmup, -1.5));
      assertEquals(paper, schedule.rate(n - 1), 1e-14 * paper);
    }
  }

  /** Restarts at the sums of a geometric series, to the step, however late. */
  @ParameterizedTest
  @CsvSource({"10, 1", "10, 2", "7, 3", "2, 10"})
  void restartsAreExact(long first, long mult) {
    CosineRestarts schedule = new CosineRestarts(0.1, first, mult, 0.01);
    long start = 0;
    long length = first;
    for (int cycle = 0; cycle < 12; cycle++) {
      assertEquals(0.1, schedule.rate(start));
      assertTrue(start == 0 || schedule.rate(start - 1) < 0.1);
      start += length;
      length *= mult;
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void oneCycleIsFiniteHoweverShort(boolean threePhases) {
    for (OneCycle.Anneal anneal : OneCycle.Anneal.values()) {
      for (int total = 1; total <= 30; total++) {
        Schedule schedule = new OneCycle(1, total, 0.3, 25, 1e4, anneal, threePhases);
        for (double rate : schedule.rates(total + 5)) {
          assertTrue(rate > 0 && rate <= 1 + 1e-15, schedule + ": " + rate);
        }
        assertEquals(1 / 25.0 / 1e4, schedule.rate(total - 1), 1e-15);
        assertEquals(schedule.rate(total - 1), schedule.rate(total + 1000));
      }
    }
  }

  @Test
  void decaysStayWhereTheyEnd() {
    assertEquals(0, new PolynomialDecay(1, 10, 2).rate(11));
    assertEquals(0.25, new LinearRamp(0.5, 1, 0.5, 10).rate(1_000_000));
    assertEquals(0.5, new ConstantFactor(0.5, 0.1, 3).rate(3));
    assertEquals(2, Schedule.of(5, 3, 2).rate(Long.MAX_VALUE));
  }

  @Test
  void aSequenceStartsEachScheduleAtItsOwnStepZero() {
    Schedule ramp = new LinearRamp(1, 0, 1, 4);
    Schedule sequence =
        new Sequence(List.of(ramp, ramp, new Schedule.Constant(9)), List.of(2L, 5L));
    assertArrayEquals(new double[] {0, 0.25, 0, 0.25, 0.5, 9, 9}, sequence.rates(7));
  }

  @Test
  void aProductMultiplies() {
    Schedule product = new Product(List.of(new LinearRamp(1, 0, 1, 4), new StepDecay(2, 0.5, 2)));
    assertArrayEquals(new double[] {0, 0.5, 0.5, 0.75, 0.5}, product.rates(5));
  }

  @Test
  void onlyPlateausCareForMetrics() {
    Schedule cosine = new Schedule.Cosine(0.1, 10, 0);
    assertSame(cosine, cosine.after(1));
    Schedule plateau = Plateau.of(1, 0.5, 0);
    Schedule nested =
        new Schedule.Warmup(2, new Sequence(List.of(new Product(List.of(plateau))), List.of()));
    Schedule later = nested.after(3).after(3);
    assertArrayEquals(new double[] {0.5, 1, 1}, nested.rates(3));
    assertArrayEquals(new double[] {0.25, 0.5, 0.5}, later.rates(3));
    assertEquals(later, Schedules.parse(Schedules.format(later)));
  }

  /** A plateau that was written and read goes on as if nothing had happened. */
  @Test
  void aPlateauResumesFromItsText() {
    long seed = System.nanoTime();
    System.out.println("ScheduleShapesTest.aPlateauResumesFromItsText: seed " + seed);
    Random random = new Random(seed);
    Schedule straight = Plateau.of(1, 0.9, 2);
    Schedule resumed = straight;
    for (int report = 0; report < 200; report++) {
      double metric = random.nextInt(10) == 0 ? Double.NaN : random.nextDouble() + 1;
      straight = straight.after(metric);
      resumed = Schedules.parse(Schedules.format(resumed)).after(metric);
      assertEquals(straight, resumed);
    }
    assertTrue(straight.rate(0) < 1e-2, straight::toString);
  }
}
