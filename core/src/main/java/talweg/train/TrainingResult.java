package talweg.train;

import java.util.List;

/**
 * A training that ended.
 *
 * @param epochs those that were finished, with those before it was resumed, in order. Of a long
 *     training these are the last 10,000, of what was before it was resumed the last 100, and the
 *     best one in each case
 * @param steps optimizer steps that changed the weights
 * @param seconds of training, without evaluations
 * @param samplesPerSecond training examples per second, over the whole training
 * @param keptEpoch number of the epoch whose weights the model has now: under early stopping the
 *     best, else the last; 0 before the first
 */
public record TrainingResult(
    List<EpochResult> epochs,
    long steps,
    double seconds,
    double samplesPerSecond,
    Ending ending,
    int keptEpoch) {
  /** The last epoch, or null if there was none. */
  public EpochResult last() {
    return epochs.isEmpty() ? null : epochs.getLast();
  }

  /** The epoch whose weights the model has now, or null if there was none. */
  public EpochResult kept() {
    return epochs.stream().filter(e -> e.epoch() == keptEpoch).findFirst().orElse(null);
  }
}
