package talweg.optim;

import talweg.check.Require;
import talweg.op.NonFinite;

/**
 * What holds for all parameter groups of an optimizer.
 *
 * @param clip bound on the gradients
 * @param nonFinite what to do with NaN and infinities
 * @param accumulate micro-batches whose gradients are averaged into one step
 * @param composed run the chain in plain tensor operations even where the backend has a fused
 *     update: slow, to compare with
 */
public record OptimizerOptions(Clip clip, NonFinite nonFinite, int accumulate, boolean composed) {
  /** No clipping, stop at NaN, no accumulation. */
  public static final OptimizerOptions DEFAULT =
      new OptimizerOptions(Clip.none(), NonFinite.FAIL, 1, false);

  public OptimizerOptions {
    Require.given("optimizer", "clip", clip);
    Require.given("optimizer", "nonFinite", nonFinite);
    Require.atLeast("optimizer", "accumulate", accumulate, 1);
  }

  public OptimizerOptions clip(Clip clip) {
    return new OptimizerOptions(clip, nonFinite, accumulate, composed);
  }

  public OptimizerOptions nonFinite(NonFinite policy) {
    return new OptimizerOptions(clip, policy, accumulate, composed);
  }

  public OptimizerOptions accumulate(int microBatches) {
    return new OptimizerOptions(clip, nonFinite, microBatches, composed);
  }

  public OptimizerOptions composed(boolean on) {
    return new OptimizerOptions(clip, nonFinite, accumulate, on);
  }
}
