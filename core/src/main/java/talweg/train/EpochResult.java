package talweg.train;

/**
 * One epoch in numbers.
 *
 * @param epoch from 1
 * @param train mean over the epoch's batches, each measured before its update
 * @param validation after the epoch, or null without validation data
 * @param learningRate of the next step
 * @param gradientNorm of the last step, before clipping
 * @param seconds of training, without the evaluation
 * @param samplesPerSecond training examples per second
 * @param gradientNormMean over the epoch's steps, before clipping; NaN where steps do not need it
 * @param gradientNormMax the largest of them
 */
public record EpochResult(
    int epoch,
    long steps,
    Evaluation train,
    Evaluation validation,
    double learningRate,
    double gradientNorm,
    double seconds,
    double samplesPerSecond,
    double gradientNormMean,
    double gradientNormMax) {
  /** An epoch whose gradient norms were not followed. */
  public EpochResult(
      int epoch,
      long steps,
      Evaluation train,
      Evaluation validation,
      double learningRate,
      double gradientNorm,
      double seconds,
      double samplesPerSecond) {
    this(
        epoch,
        steps,
        train,
        validation,
        learningRate,
        gradientNorm,
        seconds,
        samplesPerSecond,
        Double.NaN,
        Double.NaN);
  }
}
