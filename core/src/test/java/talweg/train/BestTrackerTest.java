package talweg.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.optim.schedule.Plateau.Goal;
import talweg.session.Session;
import talweg.tensor.DType;

class BestTrackerTest {
  private final Session session = Session.open("reference");
  private final Module model = new Linear(1, 1, false).init(session, DType.F64, 1);
  private final BestTracker tracker = new BestTracker(model);

  @AfterEach
  void close() {
    session.close();
  }

  /** Epochs with these values, after each of which the model's one weight is the epoch. */
  private void epochs(double... values) {
    for (int i = 0; i < values.length; i++) {
      model.trainable().getFirst().value().assign(new double[] {i + 1});
      tracker.update(i + 1, values[i]);
    }
  }

  private double weight() {
    return model.trainable().getFirst().value().item();
  }

  @ParameterizedTest
  @CsvSource({"MAX, 0.9", "MIN, 0.5"})
  void theBestIsTheLargestOrTheSmallestByTheGoal(Goal goal, double expected) {
    tracker.monitor(Evaluation::accuracy, goal);
    tracker.patience(9);
    double other = goal == Goal.MAX ? 0.5 : 0.9;
    epochs(0.7, expected, 0.7, other);
    assertEquals(2, tracker.best().epoch());
    assertEquals(expected, tracker.best().value());
    assertEquals(2, tracker.restore(4));
    assertEquals(2, weight());
  }

  /** The first of several equal ones is the best: patience runs from there. */
  @ParameterizedTest
  @CsvSource({"MAX", "MIN"})
  void anEqualValueIsNoImprovement(Goal goal) {
    tracker.monitor(Evaluation::loss, goal);
    epochs(0.5, 0.5);
    assertEquals(1, tracker.best().epoch());
  }

  @Test
  void nanIsNeverTheBest() {
    epochs(Double.NaN, 3, Double.NaN);
    assertEquals(2, tracker.best().epoch());
  }

  @Test
  void patienceCountsTheEpochsSinceTheBest() {
    assertFalse(tracker.isOver(100), "no early stopping");
    tracker.patience(2);
    assertFalse(tracker.isOver(1));
    assertTrue(tracker.isOver(2), "two epochs without any value");
    epochs(3, 1, 2, 2);
    assertFalse(tracker.isOver(3));
    assertTrue(tracker.isOver(4));
  }

  @Test
  void withoutEarlyStoppingTheLastWeightsStay() {
    epochs(1, 2);
    assertEquals(2, tracker.restore(2));
    assertEquals(2, weight());
    tracker.resume(null, null);
    assertNull(tracker.best());
  }

  @Test
  void theWeightsOfTheBestAreACopy() {
    epochs(1, 2);
    assertArrayEquals(
        new double[] {1},
        new double[] {
          tracker
              .best()
              .weights()
              .get("weight")
              .data()
              .get(java.lang.foreign.ValueLayout.JAVA_DOUBLE, 0)
        });
  }
}
