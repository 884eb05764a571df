package talweg.cpu;

import java.util.Arrays;
import talweg.op.FusedCall.ConvolutionBackward;
import talweg.spi.View;
import talweg.tensor.DType;

/**
 * The gradients of a convolution's weight and bias while shares of the batch add to them: the first
 * share adds to the weight's own memory, each other to memory of its own, and all are added up in
 * their order at the end.
 */
final class ConvolutionSums {
  private static final int SUMS = ConvolutionCut.MOST_SHARES;
  private static final int LOST = SUMS + 1;

  private final Scratch scratch = new Scratch(LOST + 1);
  private ConvolutionBackward call;
  private int shares;
  private int out;
  private int weights;

  /** By share and channel: sums of slopes, and what they round off. */
  private double[] sums;

  private double[] lost;

  void begin(ConvolutionBackward next, int count) {
    call = next;
    shares = count;
    out = next.weight().dims()[0];
    weights = Math.toIntExact(next.weight().size());
    if (next.dBias() != null) {
      sums = zeros(SUMS);
      lost = zeros(LOST);
    }
    if (next.dWeight() != null && count == 0 && next.betaWeight() == 0) {
      View weight = next.dWeight();
      Moves.clear(weight.dtype(), CpuBuffer.array(weight), CpuBuffer.offset(weight), weights);
    }
  }

  private double[] zeros(int slot) {
    double[] zeros = (double[]) scratch.array(DType.F64, slot, Math.max(1, shares) * out);
    Arrays.fill(zeros, 0);
    return zeros;
  }

  /**
   * Adds the product of a group's slopes and patches to a share's gradient of the weight.
   *
   * @param first whether it is the share's first block, which begins the sum
   */
  void addProduct(Gemm gemm, int share, boolean first, Matrix slopes, Matrix patches, int group) {
    int rows = slopes.rows();
    int inner = weights / out;
    int from = share == 0 ? CpuBuffer.offset(call.dWeight()) : 0;
    Matrix sum = new Matrix(partial(share), from + group * rows * inner, rows, inner, inner, 1);
    double before = share == 0 ? call.betaWeight() : 0;
    gemm.multiply(1, slopes, patches, first ? before : 1, sum);
  }

  private Object partial(int share) {
    return share == 0
        ? CpuBuffer.array(call.dWeight())
        : scratch.array(call.dWeight().dtype(), share, weights);
  }

  /** Adds a channel's slopes to a share's gradient of the bias. */
  void addBias(Kernels<Object> kernels, int share, int channel, Matrix slopes) {
    int at = slopes.at(channel, 0);
    kernels.sum(slopes.array(), at, slopes.columns(), sums, lost, share * out + channel);
  }

  /** Adds the shares up. */
  void finish(Workers workers, Workspace[] spaces) {
    if (call.dWeight() != null) {
      View weight = call.dWeight();
      int chunk = Elementwise.CHUNK;
      workers.run(
          Math.ceilDiv(weights, chunk),
          (number, worker) -> {
            int from = number * chunk;
            int n = Math.min(chunk, weights - from);
            int to = CpuBuffer.offset(weight) + from;
            for (int share = 1; share < shares; share++) {
              spaces[worker]
                  .kernels(weight)
                  .add(partial(share), from, 1, CpuBuffer.array(weight), to, 1, n);
            }
          });
    }
    if (call.dBias() != null) {
      finishBias(spaces[0]);
    }
  }

  private void finishBias(Workspace space) {
    for (int channel = 0; channel < out; channel++) {
      for (int share = 1; share < shares; share++) {
        sums[channel] += sums[share * out + channel];
        lost[channel] += lost[share * out + channel];
      }
      sums[channel] += Double.isFinite(sums[channel]) ? lost[channel] : 0;
    }
    View bias = call.dBias();
    Object array = CpuBuffer.array(bias);
    int at = CpuBuffer.offset(bias);
    if (call.betaBias() == 0) {
      space.casts.convert(DType.F64, sums, 0, bias.dtype(), array, at, out);
    } else {
      Object rounded = space.scratch.array(bias.dtype(), Workspace.RESULTS, out);
      space.casts.convert(DType.F64, sums, 0, bias.dtype(), rounded, 0, out);
      space.kernels(bias).add(rounded, 0, 1, array, at, 1, out);
    }
  }
}
