package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import talweg.cli.Stopwatch.Timing;

/** On a clock that only the measured calls move. */
class StopwatchTest {
  private static final long MICROSECOND = 1_000;

  private long now;

  private Stopwatch stopwatch(double seconds) {
    return new Stopwatch(seconds, () -> now);
  }

  @Test
  void windowsBeginAndEndWithTheDevicesWorkDone() {
    List<String> events = new ArrayList<>();
    Timing timing =
        stopwatch(0.001)
            .time(
                () -> {
                  events.add("call");
                  now += 10 * MICROSECOND;
                },
                () -> events.add("synchronize"));
    assertEquals(Stopwatch.WINDOWS, timing.windows());
    assertEquals("synchronize", events.getFirst());
    assertEquals("synchronize", events.getLast());
    // 1 ms in seven windows: fourteen calls of 10 us in each, behind one wait and before another.
    List<String> last = events.subList(events.size() - 16, events.size());
    assertEquals(14, last.stream().filter("call"::equals).count());
    assertEquals("synchronize", last.getFirst());
  }

  /** The wait for the device's work counts as much as the calls that issue it. */
  @Test
  void whatTheDeviceTakesIsMeasured() {
    long[] issued = new long[1];
    Timing timing =
        stopwatch(0.001)
            .time(
                () -> issued[0]++,
                () -> {
                  now += issued[0] * 20 * MICROSECOND;
                  issued[0] = 0;
                });
    assertEquals(20e-6, timing.median(), 1e-12);
    assertEquals(20e-6, timing.least(), 1e-12);
    assertEquals(20e-6, timing.most(), 1e-12);
  }

  /** Each window is a microsecond a call slower than the one before. */
  @Test
  void theMedianIsThatOfTheWindows() {
    long[] windows = new long[1];
    long[] calls = new long[1];
    Timing timing =
        stopwatch(7e-6)
            .time(
                () -> {
                  calls[0]++;
                  now += windows[0] * MICROSECOND;
                },
                () -> windows[0]++);
    assertTrue(timing.windows() >= 1 && timing.windows() <= Stopwatch.WINDOWS, timing.toString());
    assertTrue(timing.least() < timing.most(), timing.toString());
    assertEquals((timing.least() + timing.most()) / 2, timing.median(), 1e-12);
  }

  @Test
  void callsThatTakeLongAreFew() {
    int[] calls = new int[1];
    Timing timing =
        stopwatch(1e-4)
            .time(
                () -> {
                  calls[0]++;
                  now += 2000 * MICROSECOND;
                },
                () -> {});
    assertEquals(1, timing.windows());
    assertEquals(2, calls[0]);
    assertEquals(2e-3, timing.median(), 1e-12);
  }
}
