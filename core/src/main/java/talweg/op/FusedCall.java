package talweg.op;

import talweg.spi.View;
import talweg.tensor.Size2d;

/**
 * Calls that a backend may offer in one pass over memory. Each has a composed twin in plain tensor
 * operations, which is its specification and runs wherever a backend does not support the call.
 */
public sealed interface FusedCall {
  /** Columns of the I64 segment table: where a parameter lies in the flat buffers. */
  enum Segment {
    OFFSET,
    LENGTH,
    /** Row of the group's table of constants and rates. */
    GROUP,
    /** 0 for a parameter that got no gradient in this step and must not change. */
    HAS_GRADIENT;

    /** Number of columns. */
    public static final int COLUMNS = values().length;
  }

  /**
   * What a fused optimizer update works on: contiguous views of one element type (F32 or F64), and
   * the tables that say which element belongs to which parameter. Elements between segments are
   * padding and are not touched.
   *
   * <p>Where {@code state[WRITE]} is 0 the call updates nothing. Otherwise, for each segment with a
   * gradient, it first advances {@code steps} and then updates with {@code g = clamp(grads *
   * state[GRAD_SCALE], -c, c)} (c from the constants) and the learning rate {@code
   * rates[group][state[APPLIED] mod window]}. Scalar factors are computed in double and rounded to
   * the element type once. In any case it then ends the step: the counters of the state move by
   * their {@link talweg.spi.StepState#INCREMENTS}.
   *
   * @param params flat parameters, updated in place
   * @param grads flat gradients, read only
   * @param segments I64 [segments, {@link Segment#COLUMNS}], by ascending offset, none overlapping
   *     another
   * @param steps F64 [segments]: updates that each segment has received
   * @param rates F64 [groups, window]: learning rates as a ring
   * @param state the step state, see {@link talweg.spi.StepState}; its counters are written
   */
  record Update(View params, View grads, View segments, View steps, View rates, View state) {}

  /** Columns of the F64 table of constants of {@link AdamStep}. */
  enum AdamConstant {
    BETA1,
    BETA2,
    EPS,
    /** L2 penalty: decay * w is added to the gradient. */
    L2,
    /** Decoupled decay: w shrinks by the factor 1 - rate * decay before the update. */
    DECAY,
    /** Gradient elements are clamped to plus or minus this; infinity for no clamping. */
    CLIP_VALUE
  }

  /**
   * Adam and AdamW. With t the segment's step: {@code g += l2 * w; m = b1 m + (1 - b1) g; v = b2 v
   * + (1 - b2) g^2; V = max(vMax, v) or v; w = w (1 - rate decay) - rate / (1 - b1^t) * m /
   * (sqrt(V) / sqrt(1 - b2^t) + eps)}.
   *
   * @param constants F64 [groups, {@link AdamConstant}]
   * @param m first moments, updated in place
   * @param v second moments, updated in place
   * @param vMax largest v so far for AMSGrad, updated in place, or null
   */
  record AdamStep(Update update, View constants, View m, View v, View vMax) implements FusedCall {}

  /** Columns of the F64 table of constants of {@link SgdStep}. */
  enum SgdConstant {
    MOMENTUM,
    DAMPENING,
    /** 0 or 1. */
    NESTEROV,
    /** L2 penalty: decay * w is added to the gradient. */
    L2,
    /** Gradient elements are clamped to plus or minus this; infinity for no clamping. */
    CLIP_VALUE
  }

  /**
   * SGD with momentum: {@code g += l2 * w; b = g at the segment's first step, else momentum b + (1
   * - dampening) g; d = nesterov ? g + momentum b : b; w -= rate d}.
   *
   * @param constants F64 [groups, {@link SgdConstant}]
   * @param buffer momentum buffer, updated in place, or null where no group has momentum (then d =
   *     g)
   */
  record SgdStep(Update update, View constants, View buffer) implements FusedCall {}

  /** Columns of the F64 table of constants of {@link RmsPropStep}. */
  enum RmsPropConstant {
    ALPHA,
    EPS,
    MOMENTUM,
    /** L2 penalty: decay * w is added to the gradient. */
    L2,
    /** Gradient elements are clamped to plus or minus this; infinity for no clamping. */
    CLIP_VALUE
  }

  /**
   * RMSProp: {@code g += l2 * w; s = alpha s + (1 - alpha) g^2; q = s}, or centred {@code a = alpha
   * a + (1 - alpha) g; q = max(s - a^2, 0)}; {@code d = g / (sqrt(q) + eps)}, with a buffer {@code
   * b = momentum b + d; d = b}; {@code w -= rate d}.
   *
   * @param constants F64 [groups, {@link RmsPropConstant}]
   * @param squares running averages s, updated in place
   * @param means running averages a, updated in place, or null if not centred: all groups agree
   * @param buffer momentum buffer, updated in place, or null where no group has momentum
   */
  record RmsPropStep(Update update, View constants, View squares, View means, View buffer)
      implements FusedCall {}

  /** Columns of the F64 table of constants of {@link AdagradStep}. */
  enum AdagradConstant {
    EPS,
    /** The rate of a segment's t-th update is divided by 1 + (t - 1) * this. */
    RATE_DECAY,
    /** L2 penalty: decay * w is added to the gradient. */
    L2,
    /** Gradient elements are clamped to plus or minus this; infinity for no clamping. */
    CLIP_VALUE
  }

  /**
   * Adagrad: {@code g += l2 * w; s += g^2; w -= rate / (1 + (t - 1) decay) * g / (sqrt(s) + eps)}.
   *
   * @param constants F64 [groups, {@link AdagradConstant}]
   * @param sums s, updated in place
   */
  record AdagradStep(Update update, View constants, View sums) implements FusedCall {}

  /** Columns of the F64 table of constants of {@link LambStep}. */
  enum LambConstant {
    BETA1,
    BETA2,
    EPS,
    /** L2 penalty: decay * w is added to the gradient. */
    L2,
    /** Decoupled decay: decay * w is added to the direction. */
    DECAY,
    /** Factor of the gradient in the first moment: 1 - beta1, or 1. */
    TAKE1,
    /** 1 where moments are divided by 1 - beta^t, else 0. */
    BIAS_CORRECTION,
    /** 1 where the trust ratio applies, 0 where it is 1. */
    TRUST,
    /** Bounds of the weights' norm in the trust ratio; 0 and infinity for none. */
    LEAST_NORM,
    LARGEST_NORM,
    /** Gradient elements are clamped to plus or minus this; infinity for no clamping. */
    CLIP_VALUE
  }

  /**
   * LAMB in two passes, as the second needs norms over whole segments. First {@code g += l2 * w; m
   * = b1 m + take1 g; v = b2 v + (1 - b2) g^2} and the 2-norms of w and of {@code u = mean /
   * (sqrt(square) + eps) + decay w}, with mean and square the moments, bias-corrected where asked;
   * then {@code w -= rate ratio u}, where ratio is {@code clamp(|w|, least, largest) / |u|}, and 1
   * where a norm is 0 or the ratio does not apply. Whether the direction u is kept or computed
   * twice is the backend's choice.
   *
   * @param constants F64 [groups, {@link LambConstant}]
   * @param m first moments, updated in place
   * @param v second moments, updated in place
   * @param ratios F64 [segments]: the ratio of each segment with a gradient is left here
   */
  record LambStep(Update update, View constants, View m, View v, View ratios)
      implements FusedCall {}

  /**
   * Decides about an update from the gradients of all segments that have one: with S the sum of
   * their squares in double, {@code norm = average * sqrt(S)}; {@code state[GRAD_NORM] = norm};
   * {@code state[GRAD_SCALE] = average * min(1, maxNorm / (norm + eps))}, NaN for a NaN norm;
   * {@code state[WRITE]}, {@code state[BAD_SEGMENT]} and {@code state[BAD_STEP]} as the policy
   * says, where a segment is bad if its own sum of squares is not finite.
   *
   * @param grads flat gradients
   * @param segments as in {@link Update}
   * @param average factor of the accumulated gradients, 1 / number of micro-batches
   * @param maxNorm bound on the norm, infinity for none
   * @param eps added to the norm before the bound is divided by it
   * @param policy what to do about NaN and infinities
   * @param state the step state, see {@link talweg.spi.StepState}
   */
  record MeasureGradients(
      View grads,
      View segments,
      double average,
      double maxNorm,
      double eps,
      NonFinite policy,
      View state)
      implements FusedCall {}

  /**
   * {@code out = activation(x weight^T + bias)}; all contiguous.
   *
   * @param x [rows, in]
   * @param weight [out, in]
   * @param bias [out]
   * @param out [rows, out]
   */
  record LinearActivation(View x, View weight, View bias, FusedActivation activation, View out)
      implements FusedCall {}

  /**
   * The backward pass of {@link LinearActivation} up to the sum: {@code dSum = g * activation'},
   * {@code dBias = column sums of dSum + beta * dBias}; all contiguous, [rows, out] and [out].
   *
   * @param y the forward result
   * @param g gradient with respect to it; may be the same view as {@code dSum}
   * @param dBias null if the bias needs no gradient
   */
  record LinearActivationBackward(
      View y, View g, FusedActivation activation, View dSum, View dBias, double beta)
      implements FusedCall {}

  /**
   * The gradients of a linear layer's parameters from that of its sum: {@code dWeight = dSum^T x +
   * weightBeta * dWeight}, {@code dBias = column sums of dSum + biasBeta * dBias}; all contiguous.
   * A backend that offers {@link LinearActivation} offers this, too.
   *
   * @param dSum [rows, out]
   * @param x [rows, in]
   * @param dWeight [out, in]
   * @param dBias [out]
   */
  record LinearGradients(
      View dSum, View x, View dWeight, double weightBeta, View dBias, double biasBeta)
      implements FusedCall {}

  /**
   * {@code losses[i] = -sum_c target[i, c] log softmax(logits[i])[c]} with the target {@code (1 -
   * smoothing) onehot(classes[i]) + smoothing / C}.
   *
   * @param logits [rows, C], contiguous
   * @param classes I32 or I64 [rows]
   * @param losses [rows], or a scalar for their mean
   */
  record SoftmaxCrossEntropy(View logits, View classes, double smoothing, View losses)
      implements FusedCall {}

  /**
   * {@code dLogits[i, c] = g[i] (softmax(logits[i])[c] - target[i, c])}.
   *
   * @param g [rows], any stride; or a scalar, the gradient of the mean, for {@code g[i] = g / rows}
   * @param dLogits [rows, C], contiguous
   */
  record SoftmaxCrossEntropyBackward(
      View logits, View classes, double smoothing, View g, View dLogits) implements FusedCall {}

  /**
   * Adds what a batch scores to running sums: {@code sums[0] += examples * meanLoss}, {@code
   * sums[1] += } the number of rows whose largest prediction is that of their class. Of equal ones
   * the first is the largest, and a NaN is larger than every number, as for {@link
   * ReduceKind#ARGMAX}; a class out of range is never right.
   *
   * @param meanLoss a scalar, F32 or F64
   * @param prediction [examples, C] in the type of the loss, contiguous; null to add the loss only
   * @param classes I32 or I64 [examples], any stride; null with the prediction
   * @param sums F64 [2], contiguous, updated in place
   */
  record Score(View meanLoss, int examples, View prediction, View classes, View sums)
      implements FusedCall {}

  /**
   * {@code out = (x - mean) / sqrt(variance + eps) * weight + bias} along the last axis, with the
   * biased variance; [rows, features] and [features], contiguous.
   */
  record LayerNorm(View x, View weight, View bias, double eps, View out) implements FusedCall {}

  /**
   * The backward pass of {@link LayerNorm}: with n the normalised x and d = g * weight, {@code dx =
   * (d - mean(d) - n mean(d n)) / sqrt(variance + eps)}, {@code dWeight = sum over rows of g n},
   * {@code dBias = sum over rows of g}.
   */
  record LayerNormBackward(
      View x, View weight, double eps, View g, View dx, View dWeight, View dBias)
      implements FusedCall {}

  /**
   * {@code out = (x - mean) / sqrt(variance + eps) * weight + bias} for each channel, with mean and
   * biased variance over batch and positions.
   *
   * @param x [batch, channels, positions], contiguous
   * @param weight [channels], contiguous, as the bias
   * @param statistics F64 [2, channels], contiguous: mean and variance are left here
   */
  record BatchNorm(View x, View weight, View bias, double eps, View statistics, View out)
      implements FusedCall {}

  /**
   * The backward pass of {@link BatchNorm}: with n the normalised x, {@code dBias = sum of g},
   * {@code dWeight = sum of g n}, {@code dx = weight (g - mean(g) - n mean(g n)) / sqrt(variance +
   * eps)} over each channel.
   *
   * @param statistics as the forward pass left them
   */
  record BatchNormBackward(
      View x, View weight, double eps, View statistics, View g, View dx, View dWeight, View dBias)
      implements FusedCall {}

  /**
   * {@code out = activation(x * weight + bias)} with the cross-correlation of images that are
   * padded with zeros; all contiguous.
   *
   * @param x [batch, in, height, width]
   * @param weight [out, in / groups, kernel height, kernel width]
   * @param bias [out], or null
   * @param out [batch, out, positions down, positions across]
   */
  record Convolution(
      View x,
      View weight,
      View bias,
      Window2d window,
      Size2d padding,
      int groups,
      FusedActivation activation,
      View out)
      implements FusedCall {}

  /**
   * The backward pass of {@link Convolution}: with {@code dSum = g * activation'}, {@code dx} is
   * written, {@code dWeight + betaWeight * old content} and {@code dBias + betaBias * old content}
   * are left in their places. With a factor of 0 the old content is not read.
   *
   * @param y the forward result
   * @param g gradient with respect to it
   * @param dx null if the input needs no gradient, as the two others
   */
  record ConvolutionBackward(
      View x,
      View weight,
      Window2d window,
      Size2d padding,
      int groups,
      FusedActivation activation,
      View y,
      View g,
      View dx,
      View dWeight,
      double betaWeight,
      View dBias,
      double betaBias)
      implements FusedCall {}

  /**
   * {@code out = } the largest element of each window that lies in the image; all contiguous.
   *
   * @param x [batch, channels, height, width]
   * @param out [batch, channels, positions down, positions across]
   */
  record MaxPool(View x, Window2d window, Size2d padding, View out) implements FusedCall {}

  /**
   * The backward pass of {@link MaxPool}: each element of g is added to dx where its window has its
   * first largest element.
   *
   * @param y the forward result
   */
  record MaxPoolBackward(View x, View y, View g, Window2d window, Size2d padding, View dx)
      implements FusedCall {}
}
