package talweg.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CadenceTest {
  /** Steps and nanoseconds since the last checkpoint, the epoch that ended, and what is due. */
  @ParameterizedTest
  @CsvSource({
    "time, 0, 0, 1, false, false",
    "time, 999, 1999999999, 1, false, false",
    "time, 0, 2000000000, 1, true, true",
    "time, 1, 2000000001, 1, true, true",
    "steps, 4, 9000000000, 5, false, false",
    "steps, 5, 0, 1, true, true",
    "steps, 6, 0, 1, true, true",
    "epochs, 99, 9000000000, 1, false, false",
    "epochs, 99, 9000000000, 2, false, false",
    "epochs, 0, 0, 3, false, true",
    "epochs, 0, 0, 4, false, false",
    "epochs, 0, 0, 6, false, true"
  })
  void isDueInItsOwnUnitOnly(
      String unit, long steps, long nanos, int epoch, boolean inEpoch, boolean afterEpoch) {
    Cadence cadence =
        switch (unit) {
          case "time" -> Cadence.every(Duration.ofSeconds(2));
          case "steps" -> Cadence.everySteps(5);
          default -> Cadence.everyEpochs(3);
        };
    assertEquals(inEpoch, cadence.isDue(steps, nanos), "within an epoch");
    assertEquals(afterEpoch, cadence.isDueAfterEpoch(epoch, steps, nanos), "after an epoch");
  }
}
