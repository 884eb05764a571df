package talweg.cuda;

import static talweg.kernels.KernelSignature.Parameter.F64;
import static talweg.kernels.KernelSignature.Parameter.I32;
import static talweg.kernels.KernelSignature.Parameter.I64;
import static talweg.kernels.KernelSignature.Parameter.POINTER;

import talweg.kernels.KernelSignature;
import talweg.op.FusedActivation;
import talweg.op.FusedCall.BatchNorm;
import talweg.op.FusedCall.BatchNormBackward;
import talweg.op.FusedCall.LayerNorm;
import talweg.op.FusedCall.LayerNormBackward;
import talweg.op.FusedCall.LinearActivation;
import talweg.op.FusedCall.LinearActivationBackward;
import talweg.op.FusedCall.LinearGradients;
import talweg.spi.View;
import talweg.tensor.DType;

/** Layers in one pass, forward and backward. */
final class FusedLayers {
  private static final int THREADS = 256;

  /** Elements of a channel that one block takes, and the most blocks for a channel. */
  private static final int SHARE = 4096;

  private static final int MOST_SHARES = 64;

  private static final KernelSignature BIAS_ACTIVATION =
      KernelSignature.of("bias_activation", POINTER, POINTER, I64, I32, I32);
  private static final KernelSignature LINEAR_BACK =
      KernelSignature.of(
          "linear_back", POINTER, POINTER, I32, I32, I32, I32, POINTER, POINTER, POINTER, F64);
  private static final KernelSignature LINEAR_BIAS =
      KernelSignature.of("linear_bias", POINTER, I32, I32, F64, POINTER);
  private static final KernelSignature LAYER_NORM =
      KernelSignature.of("layer_norm", POINTER, POINTER, POINTER, I64, I32, F64, POINTER, I32);
  private static final KernelSignature LAYER_NORM_BACK =
      KernelSignature.of(
          "layer_norm_back", POINTER, POINTER, I64, I32, F64, POINTER, POINTER, POINTER, I32);
  private static final KernelSignature LAYER_NORM_SUMS =
      KernelSignature.of(
          "layer_norm_sums", POINTER, POINTER, POINTER, I32, I32, I32, POINTER, POINTER, POINTER);
  private static final KernelSignature LAYER_NORM_PARTS =
      KernelSignature.of("layer_norm_parts", POINTER, I32, I32, POINTER, POINTER);
  private static final KernelSignature BATCH_NORM = batchNorm("batch_norm");
  private static final KernelSignature BATCH_NORM_JOINED = batchNorm("batch_norm_joined");
  private static final KernelSignature BATCH_NORM_BACK = batchNormBack("batch_norm_back");
  private static final KernelSignature BATCH_NORM_BACK_JOINED =
      batchNormBack("batch_norm_back_joined");

  private final Device device;
  private final MatMul matMul;

  FusedLayers(Device device, MatMul matMul) {
    this.device = device;
    this.matMul = matMul;
  }

  private static KernelSignature batchNorm(String name) {
    return KernelSignature.of(
        name, I32, I32, I32, POINTER, POINTER, POINTER, F64, POINTER, POINTER, POINTER);
  }

  private static KernelSignature batchNormBack(String name) {
    return KernelSignature.of(
        name, I32, I32, I32, POINTER, POINTER, F64, POINTER, POINTER, POINTER, POINTER, POINTER,
        POINTER);
  }

  void run(LinearActivation call) {
    View out = call.out();
    if (out.size() == 0) {
      return;
    }
    if (matMul.linear(call.x(), call.weight(), call.bias(), call.activation(), out)) {
      return;
    }
    matMul.run(1, 0, call.x(), call.weight().transpose(), out);
    device
        .kernels()
        .launch(BIAS_ACTIVATION, out.dtype(), Math.ceilDiv(out.size(), 4 * THREADS), THREADS)
        .pointer(out)
        .pointer(call.bias())
        .i64(out.size())
        .i32(out.dims()[1])
        .i32(call.activation().ordinal())
        .run();
  }

  void run(LinearActivationBackward call) {
    linearBack(call.y(), call.g(), call.activation(), call.dSum(), call.dBias(), call.beta());
  }

  void run(LinearGradients call) {
    View dSum = call.dSum();
    View dWeight = call.dWeight();
    boolean overwrites = call.weightBeta() == 0 && call.biasBeta() == 0;
    if (overwrites && matMul.linearGradients(dSum, call.x(), dWeight, call.dBias())) {
      return;
    }
    if (dWeight.size() > 0) {
      matMul.run(1, call.weightBeta(), dSum.transpose(), call.x(), dWeight);
    }
    linearBack(dSum, dSum, FusedActivation.NONE, null, call.dBias(), call.biasBeta());
  }

  /** Writes the gradient of the sum and its own sums over the rows, either of which may be null. */
  private void linearBack(
      View y, View g, FusedActivation activation, View dSum, View dBias, double beta) {
    ColumnSums sums = ColumnSums.of(g);
    if (sums.columns() == 0) {
      return;
    }
    long parts = scratch(sums.bytes(1));
    device
        .kernels()
        .launch(LINEAR_BACK, g.dtype(), sums.blocks(), ColumnSums.THREADS)
        .grid(sums.parts(), 1)
        .pointer(y)
        .pointer(g)
        .i32(activation.ordinal())
        .i32(sums.rows())
        .i32(sums.columns())
        .i32(sums.rowsPerBlock())
        .pointer(dSum)
        .pointer(parts)
        .pointer(dBias)
        .f64(beta)
        .run();
    if (dBias != null && sums.parts() > 1) {
      device
          .kernels()
          .launch(LINEAR_BIAS, g.dtype(), Math.ceilDiv(sums.columns(), THREADS), THREADS)
          .pointer(parts)
          .i32(sums.parts())
          .i32(sums.columns())
          .f64(beta)
          .pointer(dBias)
          .run();
    }
  }

  void run(LayerNorm call) {
    View x = call.x();
    if (x.size() > 0) {
      rows(LAYER_NORM, x)
          .pointer(x)
          .pointer(call.weight())
          .pointer(call.bias())
          .i64(x.dims()[0])
          .i32(x.dims()[1])
          .f64(call.eps())
          .pointer(call.out())
          .i32(RowTeams.of(x).isLong() ? 1 : 0)
          .run();
    }
  }

  /** The gradients of rows, then those of the parameters, with the moments of rows kept between. */
  void run(LayerNormBackward call) {
    View x = call.x();
    ColumnSums sums = ColumnSums.of(x);
    if (sums.columns() == 0) {
      return;
    }
    long momentBytes = 2L * Double.BYTES * sums.rows();
    long moments = scratch(momentBytes + sums.bytes(2));
    if (sums.rows() > 0) {
      rows(LAYER_NORM_BACK, x)
          .pointer(x)
          .pointer(call.weight())
          .i64(sums.rows())
          .i32(sums.columns())
          .f64(call.eps())
          .pointer(call.g())
          .pointer(call.dx())
          .pointer(moments)
          .i32(RowTeams.of(x).isLong() ? 1 : 0)
          .run();
    }
    parameterGradients(call, sums, moments, moments + momentBytes);
  }

  private void parameterGradients(
      LayerNormBackward call, ColumnSums sums, long moments, long parts) {
    DType dtype = call.x().dtype();
    device
        .kernels()
        .launch(LAYER_NORM_SUMS, dtype, sums.blocks(), ColumnSums.THREADS)
        .grid(sums.parts(), 1)
        .pointer(call.x())
        .pointer(call.g())
        .pointer(moments)
        .i32(sums.rows())
        .i32(sums.columns())
        .i32(sums.rowsPerBlock())
        .pointer(parts)
        .pointer(call.dWeight())
        .pointer(call.dBias())
        .run();
    if (sums.parts() > 1) {
      device
          .kernels()
          .launch(LAYER_NORM_PARTS, dtype, Math.ceilDiv(sums.columns(), THREADS), THREADS)
          .grid(2, 1)
          .pointer(parts)
          .i32(sums.parts())
          .i32(sums.columns())
          .pointer(call.dWeight())
          .pointer(call.dBias())
          .run();
    }
  }

  private Launch rows(KernelSignature kernel, View matrix) {
    long blocks = RowTeams.of(matrix).blocks();
    return device.kernels().launch(kernel, matrix.dtype(), blocks, RowTeams.THREADS);
  }

  void run(BatchNorm call) {
    View x = call.x();
    if (x.size() == 0) {
      return;
    }
    int shares = shares(x);
    long parts = parts(x, shares);
    run(BATCH_NORM, call, shares, parts);
    if (shares > 1) {
      run(BATCH_NORM_JOINED, call, shares, parts);
    }
  }

  private void run(KernelSignature kernel, BatchNorm call, int shares, long parts) {
    channels(kernel, call.x(), shares)
        .pointer(call.x())
        .pointer(call.weight())
        .pointer(call.bias())
        .f64(call.eps())
        .pointer(parts)
        .pointer(call.statistics())
        .pointer(call.out())
        .run();
  }

  void run(BatchNormBackward call) {
    View x = call.x();
    if (x.size() == 0) {
      return;
    }
    int shares = shares(x);
    long parts = parts(x, shares);
    run(BATCH_NORM_BACK, call, shares, parts);
    if (shares > 1) {
      run(BATCH_NORM_BACK_JOINED, call, shares, parts);
    }
  }

  private void run(KernelSignature kernel, BatchNormBackward call, int shares, long parts) {
    channels(kernel, call.x(), shares)
        .pointer(call.x())
        .pointer(call.weight())
        .f64(call.eps())
        .pointer(call.statistics())
        .pointer(call.g())
        .pointer(parts)
        .pointer(call.dx())
        .pointer(call.dWeight())
        .pointer(call.dBias())
        .run();
  }

  private Launch channels(KernelSignature kernel, View x, int shares) {
    int[] dims = x.dims();
    int blocks = isRows(x) ? Math.ceilDiv(dims[1], 32) : dims[1];
    return device
        .kernels()
        .launch(kernel, x.dtype(), blocks, THREADS)
        .grid(shares, 1)
        .i32(dims[0])
        .i32(dims[1])
        .i32(dims[2]);
  }

  /** Whether channels lie side by side, 32 of which share a block. */
  private static boolean isRows(View x) {
    return x.dims()[2] == 1;
  }

  /** How many blocks share a channel. */
  private static int shares(View x) {
    int count = Math.multiplyExact(x.dims()[0], x.dims()[2]);
    return Math.clamp(Math.ceilDiv(count, isRows(x) ? SHARE / 8 : SHARE), 1, MOST_SHARES);
  }

  /** Two numbers for each channel and share. */
  private long parts(View x, int shares) {
    long bytes = shares == 1 ? 0 : 2L * Double.BYTES * shares * x.dims()[1];
    return scratch(bytes);
  }

  private long scratch(long bytes) {
    return bytes == 0 ? 0 : device.scratch(Device.Scratch.LAYERS, bytes);
  }
}
