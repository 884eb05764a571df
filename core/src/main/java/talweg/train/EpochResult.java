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
 */
public record EpochResult(
    int epoch,
    long steps,
    Evaluation train,
    Evaluation validation,
    double learningRate,
    double gradientNorm,
    double seconds,
    double samplesPerSecond) {}
