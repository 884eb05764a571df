package talweg.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import talweg.error.DataFormatException;

class TrainingStateTest {
  private static TrainingState state(Evaluation validation) {
    return new TrainingState(
        2,
        3,
        96,
        1.5,
        0.25,
        new GradientNorms.Sums(4.5, 2.5, 3),
        List.of(
            new EpochResult(
                1, 45, new Evaluation(0.5, 0.9), validation, 0.01, 0.7, 1.5, 1000, 0.8, 1.25)),
        new TrainingState.Best(1, 0.4),
        List.of("constant:base=0.01"),
        List.of("constant:base=0.01"),
        Map.of("batch", "32"),
        Map.of("--epochs", "4"),
        "aa",
        "bb",
        "cpu");
  }

  @Test
  void whatIsWrittenIsReadAgain() {
    for (Evaluation validation :
        new Evaluation[] {new Evaluation(0.4, 0.95), new Evaluation(0.4, Double.NaN), null}) {
      TrainingState state = state(validation);
      assertFalse(state.format().contains("test"), state.format());
      assertEquals(state, TrainingState.parse("c", state.format()));
    }
  }

  /** The first version called the validation data test data. */
  @Test
  void checkpointsOfTheFirstVersionAreRead() {
    TrainingState state = state(new Evaluation(0.4, 0.95));
    String old =
        state
            .format()
            .replace("\"validation_data\"", "\"test_data\"")
            .replace("\"val_loss\"", "\"test_loss\"")
            .replace("\"val_accuracy\"", "\"test_accuracy\"");
    assertTrue(old.contains("\"test_loss\":\"0.4\""), old);
    assertEquals(state, TrainingState.parse("c", old));
  }

  private static EpochResult epoch(int number) {
    return new EpochResult(
        number, 10L * number, new Evaluation(0.5, 0.9), null, 0.01, 0.7, 1.5, 1000);
  }

  /** Of a long training the last epochs and the best. */
  @Test
  void epochsMayBeLeftOut() {
    TrainingState state = state(List.of(epoch(3), epoch(250), epoch(251)), 252, 3);
    assertEquals(state, TrainingState.parse("c", state.format()));
    for (TrainingState wrong :
        List.of(
            state(List.of(epoch(3), epoch(250)), 252, 3),
            state(List.of(epoch(250), epoch(251)), 252, 3),
            state(List.of(epoch(3), epoch(251), epoch(250)), 252, 3),
            state(List.of(epoch(3), epoch(252)), 252, 3),
            state(List.of(), 2, 1))) {
      assertThrows(
          DataFormatException.class, () -> TrainingState.parse("c", wrong.format()), wrong::format);
    }
  }

  private static TrainingState state(List<EpochResult> epochs, int next, int best) {
    TrainingState s = state(null);
    return new TrainingState(
        next,
        s.batch(),
        s.counted(),
        s.seconds(),
        s.epochSeconds(),
        s.norms(),
        epochs,
        new TrainingState.Best(best, 0.4),
        s.schedules(),
        s.firstSchedules(),
        s.settings(),
        s.configuration(),
        s.trainData(),
        s.validationData(),
        s.backend());
  }
}
