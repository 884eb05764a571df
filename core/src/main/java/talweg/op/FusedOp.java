package talweg.op;

import java.util.List;
import talweg.tensor.Size2d;

/**
 * Differentiable operations that a backend may compute in one pass, forward and backward. Each is
 * defined by its composition from plain operations ({@link talweg.session.Fusion}), which runs
 * where the backend does not offer the call, and wherever the gradient itself is to be
 * differentiated.
 */
public sealed interface FusedOp {
  /**
   * Operands (x [rows, in], weight [out, in], bias [out]): {@code activation(x weight^T + bias)}.
   *
   * @param activation what is applied to the sum
   */
  record LinearActivation(FusedActivation activation) implements FusedOp {}

  /**
   * Operands (logits [rows, classes], class indices [rows]): the cross entropy of each row, [rows],
   * or the mean of those.
   *
   * @param labelSmoothing weight of the uniform distribution that is mixed into the target
   */
  record SoftmaxCrossEntropy(double labelSmoothing, boolean mean) implements FusedOp {}

  /**
   * Operands (x [rows, features], weight [features], bias [features]): each row normalised to mean
   * 0 and biased variance 1, then scaled and shifted.
   */
  record LayerNorm(double eps) implements FusedOp {}

  /**
   * Operands (x [batch, channels, positions], weight [channels], bias [channels], statistics F64
   * [2, channels]): each channel normalised to mean 0 and biased variance 1 over the batch and the
   * positions, then scaled and shifted. The means and variances are left in {@code statistics},
   * which needs no gradient.
   */
  record BatchNorm(double eps) implements FusedOp {}

  /**
   * Operands (x [batch, in, height, width], weight [out, in / groups, kernel height, kernel width],
   * and, if there is one, bias [out]): {@code activation(x * weight + bias)} with the
   * cross-correlation of the images, padded with zeros.
   *
   * @param groups splits the channels: each group of outputs sees only its group of inputs
   * @param activation what is applied to the sum
   */
  record Convolution(Window2d window, Size2d padding, int groups, FusedActivation activation)
      implements FusedOp {}

  /**
   * Operand x [batch, channels, height, width]: the largest element of each window. Padding never
   * wins, NaN always does; of equal ones the first, row by row, gets the gradient.
   */
  record MaxPool(Window2d window, Size2d padding) implements FusedOp {}

  /** The name used in messages. */
  default String label() {
    return switch (this) {
      case LinearActivation _ -> "linear";
      case SoftmaxCrossEntropy _ -> "cross_entropy";
      case LayerNorm _ -> "layer_norm";
      case BatchNorm _ -> "batch_norm";
      case Convolution _ -> "conv2d";
      case MaxPool _ -> "max_pool2d";
    };
  }

  /** The operands' names, in order. */
  default List<String> operands() {
    return switch (this) {
      case LinearActivation _, LayerNorm _, Convolution _ -> List.of("x", "weight", "bias");
      case SoftmaxCrossEntropy _ -> List.of("logits", "target");
      case BatchNorm _ -> List.of("x", "weight", "bias", "statistics");
      case MaxPool _ -> List.of("x");
    };
  }

  /** The call that computes the forward pass. */
  default Class<? extends FusedCall> call() {
    return switch (this) {
      case LinearActivation _ -> FusedCall.LinearActivation.class;
      case SoftmaxCrossEntropy _ -> FusedCall.SoftmaxCrossEntropy.class;
      case LayerNorm _ -> FusedCall.LayerNorm.class;
      case BatchNorm _ -> FusedCall.BatchNorm.class;
      case Convolution _ -> FusedCall.Convolution.class;
      case MaxPool _ -> FusedCall.MaxPool.class;
    };
  }
}
