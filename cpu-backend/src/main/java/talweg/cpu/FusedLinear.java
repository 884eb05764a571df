package talweg.cpu;

import talweg.op.FusedActivation;
import talweg.op.FusedCall.LinearActivation;
import talweg.op.FusedCall.LinearActivationBackward;
import talweg.op.FusedCall.LinearGradients;
import talweg.op.ReduceKind;
import talweg.op.UnaryKind;
import talweg.spi.View;
import talweg.tensor.Shape;

/** The linear layer with bias and activation, forward and backward. */
final class FusedLinear {
  private final MatMul matMul;
  private final SharedReduction reduction;
  private final Elementwise elementwise;

  FusedLinear(MatMul matMul, SharedReduction reduction, Elementwise elementwise) {
    this.matMul = matMul;
    this.reduction = reduction;
    this.elementwise = elementwise;
  }

  /** Starts from rows of the bias, so that the product adds to them and no pass is spent on it. */
  void run(Arithmetic arithmetic, LinearActivation call) {
    View out = call.out();
    int columns = out.dims()[1];
    Object array = CpuBuffer.array(out);
    int from = CpuBuffer.offset(out);
    for (int i = 0; i < out.dims()[0]; i++) {
      System.arraycopy(
          CpuBuffer.array(call.bias()),
          CpuBuffer.offset(call.bias()),
          array,
          from + i * columns,
          columns);
    }
    matMul.run(arithmetic.gemm(), 1, 1, call.x(), call.weight().transpose(), out);
    UnaryKind activation = unary(call.activation());
    if (activation != null) {
      elementwise.runNow(
          Elementwise.chunk(activation),
          (space, run) -> {
            Object sums = run.array(0);
            int at = run.offset(0);
            space.kernels(out).unary(activation, 0, 0, sums, at, sums, at, run.length());
          },
          out);
    }
  }

  /** The operation that computes an activation, or null for none. */
  static UnaryKind unary(FusedActivation activation) {
    return switch (activation) {
      case NONE -> null;
      case RELU -> UnaryKind.RELU;
      case TANH -> UnaryKind.TANH;
      case SIGMOID -> UnaryKind.SIGMOID;
    };
  }

  void run(Arithmetic arithmetic, LinearActivationBackward call) {
    View dSum = call.dSum();
    elementwise.runNow(
        Elementwise.CHUNK,
        (space, run) ->
            space
                .kernels(dSum)
                .activationGradient(
                    call.activation(),
                    run.array(1),
                    run.offset(1),
                    run.array(2),
                    run.offset(2),
                    run.array(0),
                    run.offset(0),
                    run.length()),
        dSum,
        call.y(),
        call.g());
    if (call.dBias() != null) {
      columnSums(arithmetic, dSum, call.dBias(), call.beta());
    }
  }

  void run(Arithmetic arithmetic, LinearGradients call) {
    View dSum = call.dSum();
    View dWeight = call.dWeight();
    if (dWeight.size() > 0) {
      matMul.run(arithmetic.gemm(), 1, call.weightBeta(), dSum.transpose(), call.x(), dWeight);
    }
    columnSums(arithmetic, dSum, call.dBias(), call.biasBeta());
  }

  /** The gradient of the bias. */
  private void columnSums(Arithmetic arithmetic, View dSum, View dBias, double beta) {
    int columns = dSum.dims()[1];
    Shape row = Shape.of(1, columns);
    if (beta == 0) {
      reduction.run(ReduceKind.SUM, 0, dSum, dBias.reshape(row));
      return;
    }
    CpuBuffer sums = CpuBuffer.allocate(dSum.dtype(), columns);
    reduction.run(ReduceKind.SUM, 0, dSum, View.contiguous(sums, 0, row));
    Object bias = CpuBuffer.array(dBias);
    int at = CpuBuffer.offset(dBias);
    arithmetic.kernels().add(sums.array(), 0, 1, bias, at, 1, columns);
  }
}
