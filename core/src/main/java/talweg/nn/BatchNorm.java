package talweg.nn;

import java.util.Locale;
import talweg.check.Require;
import talweg.error.ShapeException;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * Normalises each channel of [batch, channels, ...]; see {@link Functional#batchNormTrain}.
 * Parameter and buffer names are PyTorch's: weight, bias, running_mean, running_var,
 * num_batches_tracked.
 */
public final class BatchNorm extends Module {
  private static final double EPS = 1e-5;

  private final double momentum;
  private final Parameter weight;
  private final Parameter bias;
  private final Parameter runningMean;
  private final Parameter runningVariance;
  private final Parameter batches;

  public BatchNorm(int channels) {
    this(channels, 0.1);
  }

  /**
   * With another momentum.
   *
   * @param momentum share of the batch in the running statistics: 0.1 means slow
   */
  public BatchNorm(int channels, double momentum) {
    if (channels < 1) {
      throw new ShapeException(
          String.format(Locale.ROOT, "BatchNorm(%d): needs at least one channel", channels));
    }
    Require.fraction("BatchNorm", "momentum", momentum);
    Shape shape = Shape.of(channels);
    this.momentum = momentum;
    this.weight = parameter("weight", shape, Init.ones());
    this.bias = parameter("bias", shape, Init.zeros());
    this.runningMean = buffer("running_mean", shape, 0);
    this.runningVariance = buffer("running_var", shape, 1);
    this.batches = counter("num_batches_tracked");
  }

  @Override
  public boolean isReplayable() {
    return true;
  }

  @Override
  protected Tensor compute(Tensor x) {
    if (!isTraining()) {
      return Functional.batchNormEval(
          x, weight.value(), bias.value(), runningMean.value(), runningVariance.value(), EPS);
    }
    Tensor y =
        Functional.batchNormTrain(
            x,
            weight.value(),
            bias.value(),
            runningMean.value(),
            runningVariance.value(),
            momentum,
            EPS);
    countBatch();
    return y;
  }

  /** Arithmetic is in F64, which is exact to 2^53. */
  private void countBatch() {
    Tensor count = batches.value();
    try (var _ = count.session().noGrad();
        var _ = count.session().scope("number of batches")) {
      count.assign(count.to(DType.F64).add(1));
    }
  }

  @Override
  public String toString() {
    return "BatchNorm" + weight.shape();
  }
}
