package talweg.session;

import talweg.check.OperandTypes;
import talweg.op.FusedActivation;
import talweg.op.FusedOp;
import talweg.op.Op;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/** Chooses between a fused operation and the composition that defines it. */
public final class Fusion {
  private Fusion() {}

  /**
   * Computes a fused operation: in one pass if the backend offers it, else composed.
   *
   * @throws talweg.error.DTypeException naming an operand whose type does not fit
   */
  public static Tensor apply(FusedOp op, Tensor... in) {
    OperandTypes.fused(op, in);
    Session session = in[0].session();
    return session.backend().supports(op.call()) && isDense(in)
        ? session.dispatcher().apply(new Op.Fused(op), in)
        : composed(op, in);
  }

  /** The definition of a fused operation in plain ones. */
  public static Tensor composed(FusedOp op, Tensor... in) {
    return switch (op) {
      case FusedOp.LinearActivation l ->
          activated(l.activation(), in[0].matmul(in[1], false, true).add(in[2]));
      case FusedOp.SoftmaxCrossEntropy s -> {
        Tensor losses = crossEntropy(in[0], in[1], s.labelSmoothing());
        yield s.mean() ? losses.mean() : losses;
      }
      case FusedOp.LayerNorm n -> layerNorm(in[0], in[1], in[2], n.eps());
      case FusedOp.BatchNorm n -> batchNorm(in[0], in[1], in[2], in[3], n.eps());
      case FusedOp.Convolution c -> {
        Tensor bias = in.length > 2 ? in[2] : null;
        yield activated(
            c.activation(),
            Windows.convolution(in[0], in[1], bias, c.window(), c.padding(), c.groups()));
      }
      case FusedOp.MaxPool p -> Windows.max(in[0], p.window(), p.padding());
    };
  }

  private static Tensor activated(FusedActivation activation, Tensor x) {
    return switch (activation) {
      case NONE -> x;
      case RELU -> x.relu();
      case TANH -> x.tanh();
      case SIGMOID -> x.sigmoid();
    };
  }

  private static Tensor crossEntropy(Tensor logits, Tensor classes, double smoothing) {
    Tensor logProbabilities = logits.logSoftmax(1);
    int[] rows = classes.shape().dims();
    Tensor hard = logProbabilities.gather(1, classes.unsqueeze(1)).neg().reshape(rows);
    if (smoothing == 0) {
      return hard;
    }
    Tensor uniform = logProbabilities.mean(1).neg();
    return hard.mul(1 - smoothing).add(uniform.mul(smoothing));
  }

  private static Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, double eps) {
    Tensor centred = x.sub(x.mean(true, -1));
    Tensor variance = centred.square().mean(true, -1);
    return centred.mul(variance.add(eps).rsqrt()).mul(weight).add(bias);
  }

  private static Tensor batchNorm(
      Tensor x, Tensor weight, Tensor bias, Tensor statistics, double eps) {
    int channels = x.shape().dim(1);
    Tensor mean = x.mean(true, 0, 2);
    Tensor centred = x.sub(mean);
    Tensor variance = centred.square().mean(true, 0, 2);
    try (var _ = x.session().noGrad()) {
      statistics.slice(0, 0, 1).assign(mean.reshape(1, channels).to(DType.F64));
      statistics.slice(0, 1, 2).assign(variance.reshape(1, channels).to(DType.F64));
    }
    Tensor normal = centred.mul(variance.add(eps).rsqrt());
    return normal.mul(weight.reshape(1, channels, 1)).add(bias.reshape(1, channels, 1));
  }

  private static boolean isDense(Tensor... in) {
    for (Tensor tensor : in) {
      if (!tensor.view().isContiguous()) {
        return false;
      }
    }
    return true;
  }
}
