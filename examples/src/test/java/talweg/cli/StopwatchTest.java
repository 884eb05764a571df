package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import talweg.cli.Stopwatch.Timing;

class StopwatchTest {
  @Test
  void windowsBeginAndEndWithTheDevicesWorkDone() {
    List<String> events = new ArrayList<>();
    Timing timing =
        new Stopwatch(0.001).time(() -> events.add("call"), () -> events.add("synchronize"));
    // Fewer than asked for if something else keeps the machine busy.
    assertTrue(timing.windows() >= 1 && timing.windows() <= Stopwatch.WINDOWS, timing.toString());
    assertEquals("synchronize", events.getFirst());
    assertEquals("synchronize", events.getLast());
    assertTrue(timing.least() > 0, timing.toString());
    assertTrue(timing.least() <= timing.median(), timing.toString());
    assertTrue(timing.median() <= timing.most(), timing.toString());
  }

  @Test
  void callsThatTakeLongAreFew() {
    int[] calls = new int[1];
    Timing timing =
        new Stopwatch(1e-4)
            .time(
                () -> {
                  calls[0]++;
                  sleep();
                },
                () -> {});
    assertEquals(1, timing.windows());
    assertEquals(2, calls[0]);
  }

  private static void sleep() {
    try {
      Thread.sleep(2);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
