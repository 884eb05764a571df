package talweg.landscape;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import talweg.optim.schedule.ScheduleDefaults;
import talweg.optim.schedule.Schedules;

class SchedulePictureTest {
  /** Steps jump and restarts jump; nothing that only bends does. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "step:factor=0.5,every=25steps | 25 50 75",
        "cosine-restarts:first=20steps | 20 40 60 80",
        "constant |",
        "cosine |",
        "linear |",
        "polynomial:power=2 |",
        "exponential:factor=0.4,every=25steps |",
        "cyclic:max=1,up=20steps,mode=triangular2 |",
        "warmup:steps=10%(cosine) |",
        "one-cycle |",
        "inverse-sqrt:warmup=4% |",
      })
  void jumpsAreFound(String schedule, String steps) {
    double[] rates = Schedules.parse(schedule, new ScheduleDefaults(1, 100, 1)).rates(100);
    List<String> found =
        IntStream.range(0, 100)
            .filter(step -> SchedulePicture.isJump(rates, step))
            .mapToObj(Integer::toString)
            .toList();
    assertEquals(steps == null ? "" : steps, String.join(" ", found));
  }
}
