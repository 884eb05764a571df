package talweg.train;

import java.util.List;

/**
 * A finished training.
 *
 * @param steps optimizer steps that changed the weights
 * @param seconds of training, without evaluations
 * @param samplesPerSecond training examples per second, over the whole training
 */
public record TrainingResult(
    List<EpochResult> epochs, long steps, double seconds, double samplesPerSecond) {
  /** The last epoch, or null if there was none. */
  public EpochResult last() {
    return epochs.isEmpty() ? null : epochs.getLast();
  }
}
