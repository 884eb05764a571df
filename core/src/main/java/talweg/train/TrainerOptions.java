package talweg.train;

import java.util.Locale;
import talweg.check.Require;
import talweg.optim.OptimizerOptions;

/**
 * How long and in which portions a {@link Trainer} trains.
 *
 * @param epochs passes over the training data
 * @param batch examples per (micro-)batch; the last one of an epoch may be smaller
 * @param seed of the batches' order and of the device's random streams
 * @param optimizer clipping, accumulation and what to do with non-finite gradients
 */
public record TrainerOptions(int epochs, int batch, long seed, OptimizerOptions optimizer) {
  public TrainerOptions {
    Require.given("trainer", "options of the optimizer", optimizer);
    if (epochs < 0 || batch < 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "trainer: expected epochs >= 0 and batch >= 1, got %d and %d",
              epochs,
              batch));
    }
  }

  /** Batches of the given size, seed 0, no clipping, stop at NaN. */
  public static TrainerOptions of(int epochs, int batch) {
    return new TrainerOptions(epochs, batch, 0, OptimizerOptions.DEFAULT);
  }

  public TrainerOptions seed(long seed) {
    return new TrainerOptions(epochs, batch, seed, optimizer);
  }

  public TrainerOptions optimizer(OptimizerOptions options) {
    return new TrainerOptions(epochs, batch, seed, options);
  }

  /**
   * Optimizer steps in one epoch over {@code examples}; a last, incomplete window of micro-batches
   * is a step, too.
   */
  public long stepsPerEpoch(int examples) {
    long batches = Math.ceilDiv(examples, batch);
    return Math.ceilDiv(batches, (long) optimizer.accumulate());
  }
}
