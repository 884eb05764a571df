package talweg.train;

import java.time.Duration;
import java.util.Locale;

/**
 * How often a training saves a checkpoint, beside at its end; exactly one of the three is not 0.
 *
 * @param time between two, at least
 * @param steps between two
 * @param epochs between two
 */
public record Cadence(Duration time, long steps, int epochs) {
  /** A minute: what a crash may cost. */
  public static final Cadence DEFAULT = every(Duration.ofMinutes(1));

  public Cadence {
    int given = (time.isZero() ? 0 : 1) + (steps == 0 ? 0 : 1) + (epochs == 0 ? 0 : 1);
    if (given != 1 || time.isNegative() || steps < 0 || epochs < 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "checkpoints: expected a time, a number of steps or a number of epochs, got %s, %d"
                  + " and %d",
              time,
              steps,
              epochs));
    }
  }

  /** After the first step that ends so long after the last checkpoint. */
  public static Cadence every(Duration time) {
    return new Cadence(time, 0, 0);
  }

  /** After every so many optimizer steps. */
  public static Cadence everySteps(long steps) {
    return new Cadence(Duration.ZERO, steps, 0);
  }

  /** After every so many epochs and their evaluation. */
  public static Cadence everyEpochs(int epochs) {
    return new Cadence(Duration.ZERO, 0, epochs);
  }

  /** Whether one is due after a step within an epoch. */
  boolean isDue(long stepsSince, long nanosSince) {
    return steps > 0 && stepsSince >= steps || !time.isZero() && nanosSince >= time.toNanos();
  }

  /** Whether one is due after an epoch. */
  boolean isDueAfterEpoch(int epoch, long stepsSince, long nanosSince) {
    return epochs > 0 && epoch % epochs == 0 || isDue(stepsSince, nanosSince);
  }
}
