package talweg.train;

/**
 * Where a training stands.
 *
 * @param epoch from 1
 * @param batch batches done in this epoch
 * @param soFar mean over this epoch's batches
 * @param samplesPerSecond over the last seconds; NaN at first
 * @param secondsLeft estimate for the whole training at the speed of the last seconds, without
 *     evaluations; NaN in the first second
 */
public record Progress(
    int epoch,
    int epochs,
    int batch,
    int batches,
    Evaluation soFar,
    double samplesPerSecond,
    double secondsLeft) {}
