package talweg.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SpeedTest {
  private final Speed speed = new Speed();

  @Test
  void nothingIsSaidBeforeThereIsSomethingToSay() {
    assertTrue(Double.isNaN(speed.samplesPerSecond()));
    assertTrue(Double.isNaN(speed.secondsUntil(100)));
    speed.mark(0.1, 3);
    assertTrue(Double.isNaN(speed.samplesPerSecond()));
    speed.mark(0.2, 6);
    assertEquals(30, speed.samplesPerSecond(), 1e-9);
    assertTrue(Double.isNaN(speed.secondsUntil(100)), "a tenth of a second is too little");
    speed.mark(1.2, 36);
    assertEquals((90 - 36) / 30.0, speed.secondsUntil(90), 1e-9);
  }

  /** Ten seconds at 20 examples a second, then 2,000 a second: the start is forgotten. */
  @Test
  void onlyTheLastSecondsCount() {
    double examples = 0;
    for (int tick = 0; tick <= 100; tick++) {
      examples = 2 * tick;
      speed.mark(0.1 * tick, examples);
    }
    assertEquals(20, speed.samplesPerSecond(), 1e-9);
    for (int tick = 101; tick <= 160; tick++) {
      examples += 200;
      speed.mark(0.1 * tick, examples);
    }
    assertEquals(2000, speed.samplesPerSecond(), 1e-6);
    assertEquals((50_000 - examples) / 2000, speed.secondsUntil(50_000), 1e-6);
  }

  @Test
  void stepsThatAreLongerThanTheWindowCountToo() {
    speed.mark(10, 64);
    speed.mark(40, 128);
    speed.mark(70, 192);
    assertEquals(64 / 30.0, speed.samplesPerSecond(), 1e-9);
  }
}
