package talweg.cpu;

import java.util.Arrays;
import talweg.error.ShapeException;
import talweg.op.FusedActivation;
import talweg.op.FusedCall.LayerNorm;
import talweg.op.FusedCall.LayerNormBackward;
import talweg.op.FusedCall.LinearActivation;
import talweg.op.FusedCall.LinearActivationBackward;
import talweg.op.FusedCall.SoftmaxCrossEntropy;
import talweg.op.FusedCall.SoftmaxCrossEntropyBackward;
import talweg.op.ReduceKind;
import talweg.op.UnaryKind;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/**
 * The fused calls of layers and losses. Rows of losses and norms are computed in double whatever
 * the element type: they are short, and one loop then serves both types.
 */
final class FusedLayers {
  private final MatMul matMul;
  private final SharedReduction reduction;
  private final Elementwise elementwise;
  private final Casts casts;
  private final Scratch scratch = new Scratch(4);

  FusedLayers(MatMul matMul, SharedReduction reduction, Elementwise elementwise, Casts casts) {
    this.matMul = matMul;
    this.reduction = reduction;
    this.elementwise = elementwise;
    this.casts = casts;
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
      elementwise.run(
          Elementwise.chunk(activation),
          (space, run) -> {
            Object sums = run.array(0);
            int at = run.offset(0);
            space.kernels(out).unary(activation, 0, 0, sums, at, sums, at, run.length());
          },
          out);
    }
  }

  private static UnaryKind unary(FusedActivation activation) {
    return switch (activation) {
      case NONE -> null;
      case RELU -> UnaryKind.RELU;
      case TANH -> UnaryKind.TANH;
      case SIGMOID -> UnaryKind.SIGMOID;
    };
  }

  void run(Arithmetic arithmetic, LinearActivationBackward call) {
    View dSum = call.dSum();
    int columns = dSum.dims()[1];
    elementwise.run(
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
    if (call.dBias() == null) {
      return;
    }
    Shape row = Shape.of(1, columns);
    if (call.beta() == 0) {
      reduction.run(ReduceKind.SUM, 0, dSum, call.dBias().reshape(row));
      return;
    }
    CpuBuffer sums = CpuBuffer.allocate(dSum.dtype(), columns);
    reduction.run(ReduceKind.SUM, 0, dSum, View.contiguous(sums, 0, row));
    Object bias = CpuBuffer.array(call.dBias());
    int at = CpuBuffer.offset(call.dBias());
    arithmetic.kernels().add(sums.array(), 0, 1, bias, at, 1, columns);
  }

  void run(SoftmaxCrossEntropy call) {
    int classes = call.logits().dims()[1];
    double[] row = doubles(0, classes);
    double[] loss = doubles(1, 1);
    for (int i = 0; i < call.logits().dims()[0]; i++) {
      int target = target(call.classes(), i, classes);
      load(call.logits(), i, row);
      double logSum = logSumExp(row, classes);
      double mean = 0;
      for (int c = 0; c < classes; c++) {
        mean += row[c];
      }
      mean /= classes;
      double smoothing = call.smoothing();
      // With log softmax = x - logSum, the uniform part of the target needs the mean logit only.
      loss[0] = logSum - (1 - smoothing) * row[target] - (smoothing == 0 ? 0 : smoothing * mean);
      store(loss, 0, call.losses(), at(call.losses(), i), 1);
    }
  }

  void run(SoftmaxCrossEntropyBackward call) {
    int classes = call.logits().dims()[1];
    double[] row = doubles(0, classes);
    double[] g = doubles(1, 1);
    double uniform = call.smoothing() / classes;
    for (int i = 0; i < call.logits().dims()[0]; i++) {
      int target = target(call.classes(), i, classes);
      load(call.logits(), i, row);
      casts.convert(
          call.g().dtype(), CpuBuffer.array(call.g()), at(call.g(), i), DType.F64, g, 0, 1);
      double logSum = logSumExp(row, classes);
      for (int c = 0; c < classes; c++) {
        double wanted = (c == target ? 1 - call.smoothing() : 0) + uniform;
        row[c] = g[0] * (Math.exp(row[c] - logSum) - wanted);
      }
      store(row, 0, call.dLogits(), CpuBuffer.offset(call.dLogits()) + i * classes, classes);
    }
  }

  void run(LayerNorm call) {
    int n = call.x().dims()[1];
    double[] row = doubles(0, n);
    double[] weight = doubles(1, n);
    double[] bias = doubles(2, n);
    load(call.weight(), 0, weight, n);
    load(call.bias(), 0, bias, n);
    for (int i = 0; i < call.x().dims()[0]; i++) {
      load(call.x(), i, row);
      normalise(row, n, call.eps());
      for (int j = 0; j < n; j++) {
        row[j] = row[j] * weight[j] + bias[j];
      }
      store(row, 0, call.out(), CpuBuffer.offset(call.out()) + i * n, n);
    }
  }

  void run(LayerNormBackward call) {
    int n = call.x().dims()[1];
    double[] row = doubles(0, n);
    double[] g = doubles(1, n);
    double[] weight = doubles(2, n);
    double[] sums = doubles(3, 2 * n);
    Arrays.fill(sums, 0, 2 * n, 0);
    load(call.weight(), 0, weight, n);
    for (int i = 0; i < call.x().dims()[0]; i++) {
      load(call.x(), i, row);
      load(call.g(), i, g);
      double scale = normalise(row, n, call.eps());
      layerNormRow(row, g, weight, sums, n, scale);
      store(row, 0, call.dx(), CpuBuffer.offset(call.dx()) + i * n, n);
    }
    store(sums, 0, call.dWeight(), CpuBuffer.offset(call.dWeight()), n);
    store(sums, n, call.dBias(), CpuBuffer.offset(call.dBias()), n);
  }

  /** Replaces the normalised row by its input's gradient, and adds to the parameters' gradients. */
  private static void layerNormRow(
      double[] row, double[] g, double[] weight, double[] sums, int n, double scale) {
    double mean = 0;
    double slope = 0;
    for (int j = 0; j < n; j++) {
      sums[j] += g[j] * row[j];
      sums[n + j] += g[j];
      double d = g[j] * weight[j];
      mean += d;
      slope += d * row[j];
    }
    mean /= n;
    slope /= n;
    for (int j = 0; j < n; j++) {
      row[j] = (g[j] * weight[j] - mean - row[j] * slope) * scale;
    }
  }

  /** Brings a row to mean 0 and variance 1; returns 1 / sqrt(variance + eps). */
  private static double normalise(double[] row, int n, double eps) {
    double mean = 0;
    for (int j = 0; j < n; j++) {
      mean += row[j];
    }
    mean /= n;
    double variance = 0;
    for (int j = 0; j < n; j++) {
      row[j] -= mean;
      variance += row[j] * row[j];
    }
    double scale = 1 / Math.sqrt(variance / n + eps);
    for (int j = 0; j < n; j++) {
      row[j] *= scale;
    }
    return scale;
  }

  /** Shifted by the maximum, but for an infinite one, which would give NaN. */
  private static double logSumExp(double[] row, int n) {
    double max = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < n; c++) {
      max = Math.max(max, row[c]);
    }
    double shift = Double.isInfinite(max) ? 0 : max;
    double sum = 0;
    for (int c = 0; c < n; c++) {
      sum += Math.exp(row[c] - shift);
    }
    return Math.log(sum) + shift;
  }

  private static int target(View classes, int i, int count) {
    int at = at(classes, i);
    long target =
        CpuBuffer.array(classes) instanceof int[] ints
            ? ints[at]
            : ((long[]) CpuBuffer.array(classes))[at];
    if (target < 0 || target >= count) {
      throw new ShapeException(
          "cross_entropy: class %d at row %d is out of range; expected 0..%d"
              .formatted(target, i, count - 1));
    }
    return (int) target;
  }

  private double[] doubles(int slot, int length) {
    return (double[]) scratch.array(DType.F64, slot, length);
  }

  private void load(View matrix, int row, double[] target) {
    int n = matrix.dims()[1];
    casts.convert(
        matrix.dtype(),
        CpuBuffer.array(matrix),
        CpuBuffer.offset(matrix) + row * n,
        DType.F64,
        target,
        0,
        n);
  }

  private void load(View vector, int from, double[] target, int n) {
    casts.convert(
        vector.dtype(),
        CpuBuffer.array(vector),
        CpuBuffer.offset(vector) + from,
        DType.F64,
        target,
        0,
        n);
  }

  private void store(double[] source, int from, View out, int to, int n) {
    casts.convert(DType.F64, source, from, out.dtype(), CpuBuffer.array(out), to, n);
  }

  private static int at(View vector, int i) {
    return (int) (vector.offset() + i * vector.strides()[0]);
  }
}
