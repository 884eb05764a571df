package talweg.nn;

import talweg.check.OperandTypes;
import talweg.check.Require;
import talweg.error.ShapeException;
import talweg.op.BinaryKind;
import talweg.op.FusedOp;
import talweg.session.Fusion;
import talweg.tensor.Tensor;

/** Loss functions with the semantics of PyTorch. */
public final class Losses {
  private Losses() {}

  /** Mean cross entropy of logits [batch, classes, ...] against class indices [batch, ...]. */
  public static Tensor crossEntropy(Tensor logits, Tensor classes) {
    return crossEntropy(logits, classes, 0, Reduction.MEAN);
  }

  /**
   * Cross entropy of logits [batch, classes, ...].
   *
   * @param target class indices [batch, ...], or probabilities of the logits' shape
   * @param labelSmoothing weight of the uniform distribution over all classes that is mixed into
   *     the target
   */
  public static Tensor crossEntropy(
      Tensor logits, Tensor target, double labelSmoothing, Reduction reduction) {
    Require.fraction("cross_entropy", "label smoothing", labelSmoothing);
    ClassTargets.require("cross_entropy", "logits", logits, target, true);
    if (target.dtype().isIndex()) {
      boolean mean = reduction == Reduction.MEAN;
      FusedOp op = new FusedOp.SoftmaxCrossEntropy(labelSmoothing, mean);
      Tensor loss =
          logits.rank() == 2
              ? Fusion.apply(op, logits, target)
              : Fusion.composed(op, logits, target);
      return mean ? loss : reduction.of(loss);
    }
    Tensor logProbabilities = logits.logSoftmax(1);
    Tensor hard = logProbabilities.mul(target).sum(1).neg();
    if (labelSmoothing == 0) {
      return reduction.of(hard);
    }
    Tensor uniform = logProbabilities.mean(1).neg();
    return reduction.of(hard.mul(1 - labelSmoothing).add(uniform.mul(labelSmoothing)));
  }

  /**
   * Negative log-likelihood of log-probabilities [batch, classes, ...] at class indices [batch,
   * ...].
   */
  public static Tensor nll(Tensor logProbabilities, Tensor classes, Reduction reduction) {
    ClassTargets.require("nll", "logProbabilities", logProbabilities, classes, false);
    return reduction.of(picked(logProbabilities, classes));
  }

  /**
   * Binary cross entropy of logits x against targets y in [0, 1], without overflow: (1 - y) x + (1
   * + (w - 1) y) log(1 + exp(-x)).
   *
   * @param positiveWeight the weight w of positive examples, or null for 1
   */
  public static Tensor bceWithLogits(
      Tensor logits, Tensor target, Tensor positiveWeight, Reduction reduction) {
    requireSame("bce_with_logits", logits, target);
    Tensor tail = logits.neg().softplus();
    if (positiveWeight != null) {
      OperandTypes.same("bce_with_logits", "positiveWeight", positiveWeight, "logits", logits);
      tail = target.mul(positiveWeight.sub(1)).add(1).mul(tail);
    }
    return reduction.of(target.affine(-1, 1).mul(logits).add(tail));
  }

  /** (x - y)^2. */
  public static Tensor mse(Tensor x, Tensor y, Reduction reduction) {
    requireSame("mse", x, y);
    return reduction.of(x.sub(y).square());
  }

  /** |x - y|. */
  public static Tensor l1(Tensor x, Tensor y, Reduction reduction) {
    requireSame("l1", x, y);
    return reduction.of(x.sub(y).abs());
  }

  /**
   * Half the squared error up to |x - y| = delta, delta (|x - y| - delta / 2) beyond (Huber 1964).
   */
  public static Tensor huber(Tensor x, Tensor y, double delta, Reduction reduction) {
    Require.positive("huber", "delta", delta);
    requireSame("huber", x, y);
    Tensor error = x.sub(y);
    Tensor size = error.abs();
    Tensor linear = size.affine(delta, -0.5 * delta * delta);
    return reduction.of(size.compare(BinaryKind.LE, delta).where(error.square().mul(0.5), linear));
  }

  /** Huber's loss divided by its threshold. */
  public static Tensor smoothL1(Tensor x, Tensor y, double beta, Reduction reduction) {
    Require.notNegative("smooth_l1", "beta", beta);
    return beta == 0 ? l1(x, y, reduction) : huber(x, y, beta, reduction).mul(1 / beta);
  }

  private static Tensor picked(Tensor logProbabilities, Tensor classes) {
    return logProbabilities.gather(1, classes.unsqueeze(1)).neg().reshape(classes.shape().dims());
  }

  private static void requireSame(String loss, Tensor x, Tensor y) {
    OperandTypes.arithmetic(loss, "prediction", x);
    OperandTypes.same(loss, "target", y, "prediction", x);
    if (!x.shape().equals(y.shape())) {
      throw new ShapeException(
          "%s: prediction %s and target %s must have one shape; broadcasting here is nearly always a mistake"
              .formatted(loss, x.shape(), y.shape()));
    }
  }
}
