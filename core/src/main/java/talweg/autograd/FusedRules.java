package talweg.autograd;

import java.util.ArrayList;
import java.util.List;
import talweg.op.FusedActivation;
import talweg.op.FusedCall;
import talweg.op.FusedOp;
import talweg.op.Op;
import talweg.session.Fusion;
import talweg.session.Session;
import talweg.spi.View;
import talweg.tensor.Tensor;

/**
 * The backward passes of fused operations. Where the gradient itself is recorded, because it is to
 * be differentiated, they fall back to the gradient of the composition.
 */
final class FusedRules {
  private FusedRules() {}

  static void apply(FusedOp op, Tensor[] in, Tensor y, Tensor g, GradientSink out) {
    if (g.session().isRecording()) {
      composed(op, in, g, out);
      return;
    }
    switch (op) {
      case FusedOp.LinearActivation l -> linear(l, in, y, g.contiguous(), out);
      case FusedOp.SoftmaxCrossEntropy s -> crossEntropy(s, in, g, out);
      case FusedOp.LayerNorm n -> layerNorm(n, in, g.contiguous(), out);
      case FusedOp.BatchNorm n -> batchNorm(n, in, g.contiguous(), out);
      case FusedOp.Convolution c -> convolution(c, in, y, g.contiguous(), out);
      case FusedOp.MaxPool p -> maxPool(p, in[0], y, g.contiguous(), out);
    }
  }

  private static void linear(
      FusedOp.LinearActivation op, Tensor[] in, Tensor y, Tensor g, GradientSink out) {
    if (op.activation() == FusedActivation.NONE && out.wants(1) && out.wants(2)) {
      out.toProduct(0, new Op.MatMul(false, false), g, in[1]);
      linearParameters(in, g, out);
      return;
    }
    Session session = g.session();
    Tensor dSum = session.empty(g.dtype(), g.shape());
    GradientSink.InPlace both =
        (dBias, beta) ->
            session
                .backend()
                .run(
                    new FusedCall.LinearActivationBackward(
                        y.view(), g.view(), op.activation(), dSum.view(), dBias, beta));
    out.intoIfWanted(2, both);
    out.toProduct(0, new Op.MatMul(false, false), dSum, in[1]);
    out.toProduct(1, new Op.MatMul(true, false), dSum, in[0]);
  }

  /** Weight and bias from one call, each added to its place in its own way. */
  private static void linearParameters(Tensor[] in, Tensor dSum, GradientSink out) {
    View g = dSum.view();
    View x = in[0].view();
    out.into(
        1,
        (dWeight, weightBeta) ->
            out.into(
                2,
                (dBias, biasBeta) ->
                    dSum.session()
                        .backend()
                        .run(
                            new FusedCall.LinearGradients(
                                g, x, dWeight, weightBeta, dBias, biasBeta))));
  }

  private static void crossEntropy(
      FusedOp.SoftmaxCrossEntropy op, Tensor[] in, Tensor g, GradientSink out) {
    out.to(
        0,
        () -> {
          Tensor dLogits = g.session().empty(in[0].dtype(), in[0].shape());
          g.session()
              .backend()
              .run(
                  new FusedCall.SoftmaxCrossEntropyBackward(
                      in[0].view(), in[1].view(), op.labelSmoothing(), g.view(), dLogits.view()));
          return dLogits;
        });
  }

  private static void layerNorm(FusedOp.LayerNorm op, Tensor[] in, Tensor g, GradientSink out) {
    Session session = g.session();
    View x = in[0].view();
    View weight = in[1].view();
    Tensor dx = session.empty(g.dtype(), g.shape());
    Tensor dWeight = session.empty(g.dtype(), in[1].shape());
    Tensor dBias = session.empty(g.dtype(), in[1].shape());
    session
        .backend()
        .run(
            new FusedCall.LayerNormBackward(
                x, weight, op.eps(), g.view(), dx.view(), dWeight.view(), dBias.view()));
    out.to(0, () -> dx);
    out.to(1, () -> dWeight);
    out.to(2, () -> dBias);
  }

  private static void batchNorm(FusedOp.BatchNorm op, Tensor[] in, Tensor g, GradientSink out) {
    Session session = g.session();
    Tensor dx = session.empty(g.dtype(), g.shape());
    Tensor dWeight = session.empty(g.dtype(), in[1].shape());
    Tensor dBias = session.empty(g.dtype(), in[1].shape());
    session
        .backend()
        .run(
            new FusedCall.BatchNormBackward(
                in[0].view(),
                in[1].view(),
                op.eps(),
                in[3].view(),
                g.view(),
                dx.view(),
                dWeight.view(),
                dBias.view()));
    out.to(0, () -> dx);
    out.to(1, () -> dWeight);
    out.to(2, () -> dBias);
  }

  private static void convolution(
      FusedOp.Convolution op, Tensor[] in, Tensor y, Tensor g, GradientSink out) {
    Tensor dx = out.wants(0) ? g.session().empty(g.dtype(), in[0].shape()) : null;
    out.intoIfWanted(
        1,
        (dWeight, betaWeight) ->
            out.intoIfWanted(
                2,
                (dBias, betaBias) ->
                    g.session()
                        .backend()
                        .run(
                            new FusedCall.ConvolutionBackward(
                                in[0].view(),
                                in[1].view(),
                                op.window(),
                                op.padding(),
                                op.groups(),
                                op.activation(),
                                y.view(),
                                g.view(),
                                dx == null ? null : dx.view(),
                                dWeight,
                                betaWeight,
                                dBias,
                                betaBias))));
    out.to(0, () -> dx);
  }

  private static void maxPool(FusedOp.MaxPool op, Tensor x, Tensor y, Tensor g, GradientSink out) {
    out.to(
        0,
        () -> {
          Tensor dx = g.session().empty(g.dtype(), x.shape());
          g.session()
              .backend()
              .run(
                  new FusedCall.MaxPoolBackward(
                      x.view(), y.view(), g.view(), op.window(), op.padding(), dx.view()));
          return dx;
        });
  }

  /** The composition's gradient, from aliases of the operands on, so that the walk stops there. */
  private static void composed(FusedOp op, Tensor[] in, Tensor g, GradientSink out) {
    int floor = g.session().tape().size();
    Tensor[] aliases = new Tensor[in.length];
    List<Tensor> wanted = new ArrayList<>();
    for (int i = 0; i < in.length; i++) {
      Op same = new Op.Reshape(in[i].shape());
      aliases[i] = in[i].requiresGrad() ? g.session().dispatcher().apply(same, in[i]) : in[i];
      if (in[i].requiresGrad()) {
        wanted.add(aliases[i]);
      }
    }
    List<Tensor> gradients =
        Gradients.of(Fusion.composed(op, aliases))
            .upstream(g)
            .downTo(floor)
            .createGraph()
            .wrt(wanted);
    for (int i = 0; i < in.length; i++) {
      int at = wanted.indexOf(aliases[i]);
      if (at >= 0) {
        out.to(i, () -> gradients.get(at));
      }
    }
  }
}
