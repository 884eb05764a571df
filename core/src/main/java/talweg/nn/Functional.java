package talweg.nn;

import java.util.Locale;
import java.util.stream.IntStream;
import talweg.check.OperandTypes;
import talweg.check.Require;
import talweg.error.ShapeException;
import talweg.op.BinaryKind;
import talweg.op.FusedActivation;
import talweg.op.FusedOp;
import talweg.op.RandomKind;
import talweg.session.Fusion;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Size2d;
import talweg.tensor.Tensor;

/** The layers' formulas as functions of tensors. */
public final class Functional {
  private Functional() {}

  /** x W^T + b over the last axis; {@code bias} may be null. */
  public static Tensor linear(Tensor x, Tensor weight, Tensor bias) {
    if (bias == null) {
      OperandTypes.same("linear", "x", x, "weight", weight);
      return x.matmul(weight, false, true);
    }
    return linear(x, weight, bias, FusedActivation.NONE);
  }

  /** An activation of x W^T + b over the last axis. */
  public static Tensor linear(Tensor x, Tensor weight, Tensor bias, FusedActivation activation) {
    FusedOp op = new FusedOp.LinearActivation(activation);
    OperandTypes.fused(op, x, weight, bias);
    if (x.rank() == 2) {
      return Fusion.apply(op, x, weight, bias);
    }
    int[] dims = x.shape().dims();
    Tensor rows = Fusion.apply(op, x.reshape(-1, x.shape().dim(-1)), weight, bias);
    dims[dims.length - 1] = weight.shape().dim(0);
    return rows.reshape(dims);
  }

  /** Rows of {@code weight} picked by an index of any shape: shape [index..., features]. */
  public static Tensor embedding(Tensor index, Tensor weight) {
    OperandTypes.index("embedding", "index", index);
    return weight.indexSelect(0, index);
  }

  /**
   * Each element is dropped with probability p, the rest scaled by 1 / (1 - p), so that the
   * expectation stays (Srivastava et al. 2014, "inverted").
   */
  public static Tensor dropout(Tensor x, double p) {
    Require.decay("dropout", "probability", p);
    OperandTypes.arithmetic("dropout", "x", x);
    if (p == 0) {
      return x;
    }
    Session session = x.session();
    Tensor keep =
        session.random(RandomKind.UNIFORM, x.dtype(), x.shape().dims()).compare(BinaryKind.GE, p);
    return dropout(x, keep, p);
  }

  /** {@link #dropout(Tensor, double)} with a given U8 mask: 1 keeps, 0 drops. */
  public static Tensor dropout(Tensor x, Tensor keep, double p) {
    Require.decay("dropout", "probability", p);
    return keep.where(x.mul(1 / (1 - p)), x.session().scalar(x.dtype(), 0));
  }

  /**
   * Normalises the last axes, as many as {@code normalizedRank}, to mean 0 and (biased) variance 1,
   * then scales and shifts (Ba, Kiros and Hinton 2016). {@code weight} and {@code bias} have the
   * normalised shape or are null.
   */
  public static Tensor layerNorm(
      Tensor x, int normalizedRank, Tensor weight, Tensor bias, double eps) {
    Require.notNegative("layer_norm", "eps", eps);
    if (normalizedRank < 1 || normalizedRank > x.rank()) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "layer_norm: cannot normalise the last %d axes of %s",
              normalizedRank,
              x.shape()));
    }
    FusedOp op = new FusedOp.LayerNorm(eps);
    OperandTypes.fused(op, x, weight, bias);
    int[] axes = IntStream.range(x.rank() - normalizedRank, x.rank()).toArray();
    if (weight != null && bias != null && x.size() > 0) {
      int features = Math.toIntExact(weight.size());
      return Fusion.apply(
              op, x.reshape(-1, features), weight.reshape(features), bias.reshape(features))
          .reshape(x.shape().dims());
    }
    Tensor centred = x.sub(x.mean(true, axes));
    Tensor variance = centred.square().mean(true, axes);
    return affine(centred.mul(variance.add(eps).rsqrt()), weight, bias);
  }

  /**
   * Normalises each channel (axis 1) over the batch and all further axes with the batch's own
   * statistics (Ioffe and Szegedy 2015): biased variance to normalise. The running statistics move
   * by {@code momentum} towards the batch's, the running variance towards the unbiased one.
   */
  public static Tensor batchNormTrain(
      Tensor x,
      Tensor weight,
      Tensor bias,
      Tensor runningMean,
      Tensor runningVariance,
      double momentum,
      double eps) {
    Require.fraction("batch_norm", "momentum", momentum);
    Require.notNegative("batch_norm", "eps", eps);
    FusedOp op = new FusedOp.BatchNorm(eps);
    OperandTypes.fused(op, x, weight, bias);
    requireChannels(x, weight, bias);
    int channels = x.shape().dim(1);
    double n = (double) x.size() / channels;
    if (runningMean != null && n < 2) {
      throw new ShapeException(
          "batch_norm: needs more than one value per channel in training, got shape " + x.shape());
    }
    Tensor statistics = x.session().empty(DType.F64, Shape.of(2, channels));
    Tensor y =
        Fusion.apply(
            op,
            x.reshape(x.shape().dim(0), channels, -1),
            weight == null ? x.session().full(x.dtype(), 1, channels) : weight,
            bias == null ? x.session().zeros(x.dtype(), channels) : bias,
            statistics);
    if (runningMean != null) {
      try (var _ = x.session().noGrad();
          var _ = x.session().scope("running statistics")) {
        follow(runningMean, statistics.slice(0, 0, 1), momentum);
        follow(runningVariance, statistics.slice(0, 1, 2).mul(n / (n - 1)), momentum);
      }
    }
    return y.reshape(x.shape().dims());
  }

  /** {@link #batchNormTrain} with given statistics instead of the batch's. */
  public static Tensor batchNormEval(
      Tensor x,
      Tensor weight,
      Tensor bias,
      Tensor runningMean,
      Tensor runningVariance,
      double eps) {
    Require.notNegative("batch_norm", "eps", eps);
    OperandTypes.fused(new FusedOp.BatchNorm(eps), x, weight, bias);
    OperandTypes.same("batch_norm", "runningMean", runningMean, "x", x);
    OperandTypes.same("batch_norm", "runningVariance", runningVariance, "x", x);
    requireChannels(x, weight, bias);
    Tensor scale = perChannel(runningVariance.add(eps).rsqrt(), x);
    Tensor normal = x.sub(perChannel(runningMean, x)).mul(scale);
    return affine(normal, perChannel(weight, x), perChannel(bias, x));
  }

  /**
   * Cross-correlation (the kernel is not flipped) of images [batch, in, height, width] with {@code
   * weight} [out, in / groups, kernel height, kernel width]: [batch, out, positions down, positions
   * across]. Position i of the window begins at element i * stride of the image, which has {@code
   * padding} zeros on each side; the window's elements are {@code dilation} apart. There are {@code
   * (extent + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1} positions along an axis.
   *
   * @param bias [out], or null
   * @param groups splits the channels: each group of outputs sees only its group of inputs
   * @throws ShapeException if channels do not fit, or a window is larger than the padded image
   */
  public static Tensor conv2d(
      Tensor x,
      Tensor weight,
      Tensor bias,
      Size2d stride,
      Size2d padding,
      Size2d dilation,
      int groups) {
    return SlidingWindows.conv2d(
        x, weight, bias, stride, padding, dilation, groups, FusedActivation.NONE);
  }

  /**
   * The largest element of each window of images [batch, channels, height, width]; of equal ones
   * the first, row by row, gets the gradient. Padding never wins.
   *
   * @throws ShapeException if a window is larger than the padded image, or the padding larger than
   *     half a window
   */
  public static Tensor maxPool2d(Tensor x, Size2d kernel, Size2d stride, Size2d padding) {
    return SlidingWindows.maxPool2d(x, kernel, stride, padding);
  }

  /**
   * The mean of each window of images [batch, channels, height, width].
   *
   * @param countIncludePad whether the padding's zeros count in the mean
   * @throws ShapeException if a window is larger than the padded image, or the padding larger than
   *     half a window
   */
  public static Tensor avgPool2d(
      Tensor x, Size2d kernel, Size2d stride, Size2d padding, boolean countIncludePad) {
    return SlidingWindows.avgPool2d(x, kernel, stride, padding, countIncludePad);
  }

  private static void follow(Tensor running, Tensor batch, double momentum) {
    Tensor flat = batch.to(running.dtype()).reshape(running.shape().dims());
    running.assign(running.mul(1 - momentum).add(flat.mul(momentum)));
  }

  private static void requireChannels(Tensor x, Tensor weight, Tensor bias) {
    if (x.rank() < 2) {
      throw new ShapeException("batch_norm: expected [batch, channels, ...], got " + x.shape());
    }
    perChannel(weight, x);
    perChannel(bias, x);
  }

  private static Tensor perChannel(Tensor values, Tensor x) {
    if (values == null) {
      return null;
    }
    int[] dims = IntStream.range(0, x.rank() - 1).map(i -> 1).toArray();
    dims[0] = x.shape().dim(1);
    if (values.size() != dims[0]) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "batch_norm: %d channels expected, but the input has shape %s",
              values.size(),
              x.shape()));
    }
    return values.reshape(dims);
  }

  private static Tensor affine(Tensor normal, Tensor weight, Tensor bias) {
    Tensor scaled = weight == null ? normal : normal.mul(weight);
    return bias == null ? scaled : scaled.add(bias);
  }
}
