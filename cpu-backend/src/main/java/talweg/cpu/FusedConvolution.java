package talweg.cpu;

import talweg.op.FusedCall.Convolution;
import talweg.op.FusedCall.ConvolutionBackward;
import talweg.op.UnaryKind;
import talweg.spi.View;
import talweg.tensor.DType;

/**
 * Convolution as a product of the weight with the windows' elements, block by block, so that these
 * never leave the cache. A block of the result is one thread's work; on the way back so are whole
 * images, since neighbouring blocks add to the same elements.
 */
final class FusedConvolution {
  private final Workers workers;
  private final Workspace[] spaces;
  private final ConvolutionSums sums = new ConvolutionSums();

  FusedConvolution(Workers workers, Workspace[] spaces) {
    this.workers = workers;
    this.spaces = spaces;
  }

  void run(Convolution call) {
    if (call.out().size() == 0) {
      return;
    }
    ConvolutionCut cut =
        ConvolutionCut.of(call.x(), call.out(), call.window(), call.padding(), call.groups());
    workers.run(
        cut.blocks(), (block, worker) -> forward(call, cut, cut.block(block), spaces[worker]));
  }

  private static void forward(
      Convolution call, ConvolutionCut cut, ConvolutionCut.Block block, Workspace space) {
    View out = call.out();
    Patches patches = new Patches(cut, block, space, call.x());
    patches.load(call.x());
    Matrix sums = results(cut, patches.columns(), space, out.dtype());
    for (int group = 0; group < cut.groups(); group++) {
      Matrix weight = ofGroup(call.weight(), cut, group);
      space.gemm(out).multiply(1, weight, patches.ofGroup(group), 0, ofGroup(sums, cut, group));
    }
    Kernels<Object> kernels = space.kernels(out);
    if (call.bias() != null) {
      double[] bias = biases(call.bias(), space);
      for (int channel = 0; channel < cut.out(); channel++) {
        int row = sums.at(channel, 0);
        kernels.affine(1, bias[channel], sums.array(), row, sums.array(), row, sums.columns());
      }
    }
    UnaryKind activation = FusedLinear.unary(call.activation());
    if (activation != null) {
      int n = sums.rows() * sums.columns();
      kernels.unary(activation, 0, 0, sums.array(), 0, sums.array(), 0, n);
    }
    eachRow(
        cut,
        block,
        patches,
        (at, channel, column, n) ->
            System.arraycopy(
                sums.array(),
                sums.at(channel, column),
                CpuBuffer.array(out),
                CpuBuffer.offset(out) + at,
                n));
  }

  private static double[] biases(View bias, Workspace space) {
    int n = bias.dims()[0];
    double[] values = (double[]) space.scratch.array(DType.F64, Workspace.CONSTANTS, n);
    Object array = CpuBuffer.array(bias);
    space.casts.convert(bias.dtype(), array, CpuBuffer.offset(bias), DType.F64, values, 0, n);
    return values;
  }

  void run(ConvolutionBackward call) {
    if (call.dx() != null) {
      clear(call.dx());
    }
    View g = call.g();
    ConvolutionCut cut =
        ConvolutionCut.of(call.x(), g, call.window(), call.padding(), call.groups());
    int shares = g.size() == 0 ? 0 : cut.shares();
    sums.begin(call, shares);
    workers.run(
        shares,
        (share, worker) -> {
          int first = cut.firstBlock(share);
          int end = cut.firstBlock(share + 1);
          for (int number = first; number < end; number++) {
            backward(call, cut, cut.block(number), spaces[worker], share, number == first);
          }
        });
    sums.finish(workers, spaces);
  }

  private void backward(
      ConvolutionBackward call,
      ConvolutionCut cut,
      ConvolutionCut.Block block,
      Workspace space,
      int share,
      boolean first) {
    Patches patches = new Patches(cut, block, space, call.x());
    Matrix slopes = slopes(call, cut, block, patches, space, share);
    if (call.dWeight() != null) {
      patches.load(call.x());
      for (int group = 0; group < cut.groups(); group++) {
        sums.addProduct(
            space.gemm(call.g()),
            share,
            first,
            ofGroup(slopes, cut, group),
            patches.ofGroup(group).transpose(),
            group);
      }
    }
    if (call.dx() != null) {
      for (int group = 0; group < cut.groups(); group++) {
        Matrix weight = ofGroup(call.weight(), cut, group).transpose();
        space
            .gemm(call.g())
            .multiply(1, weight, ofGroup(slopes, cut, group), 0, patches.ofGroup(group));
      }
      patches.addTo(call.dx());
    }
  }

  /** The gradient of the sums before the activation, 0 in columns of no position. */
  private Matrix slopes(
      ConvolutionBackward call,
      ConvolutionCut cut,
      ConvolutionCut.Block block,
      Patches patches,
      Workspace space,
      int share) {
    View g = call.g();
    Kernels<Object> kernels = space.kernels(g);
    Matrix slopes = results(cut, patches.columns(), space, g.dtype());
    Moves.clear(g.dtype(), slopes.array(), 0, slopes.rows() * slopes.columns());
    Object dense = derivatives(call, cut, block, space);
    eachRow(
        cut,
        block,
        patches,
        (at, channel, column, n) ->
            System.arraycopy(
                dense, at - cut.start(block), slopes.array(), slopes.at(channel, column), n));
    if (call.dBias() != null) {
      for (int channel = 0; channel < cut.out(); channel++) {
        sums.addBias(kernels, share, channel, slopes);
      }
    }
    return slopes;
  }

  /** {@code g * activation'} as it lies in the images, in runs as long as can be. */
  private static Object derivatives(
      ConvolutionBackward call, ConvolutionCut cut, ConvolutionCut.Block block, Workspace space) {
    View g = call.g();
    View y = call.y();
    int start = cut.start(block);
    boolean whole = block.rows() == cut.down();
    int n = whole ? block.images() * cut.resultSize() : block.rows() * cut.across();
    int runs = whole ? 1 : cut.out();
    int apart = cut.down() * cut.across();
    Object dense = space.scratch.array(g.dtype(), Workspace.SLOPES, (runs - 1) * apart + n);
    for (int run = 0; run < runs; run++) {
      int at = start + run * apart;
      space
          .kernels(g)
          .activationGradient(
              call.activation(),
              CpuBuffer.array(y),
              CpuBuffer.offset(y) + at,
              CpuBuffer.array(g),
              CpuBuffer.offset(g) + at,
              dense,
              run * apart,
              n);
    }
    return dense;
  }

  /** What is done with a run of a channel's positions, in the images and in the block's matrix. */
  private interface Row {
    void move(int at, int channel, int column, int n);
  }

  /** Rows of positions, or all of a channel's at once where nothing lies between them. */
  private static void eachRow(
      ConvolutionCut cut, ConvolutionCut.Block block, Patches patches, Row row) {
    boolean dense = cut.pitch() == cut.across();
    int rows = dense ? 1 : block.rows();
    int n = dense ? block.rows() * cut.across() : cut.across();
    for (int i = 0; i < block.images(); i++) {
      int image = (block.image() + i) * cut.resultSize();
      for (int channel = 0; channel < cut.out(); channel++) {
        int at = image + (channel * cut.down() + block.row()) * cut.across();
        for (int y = 0; y < rows; y++) {
          row.move(at + y * cut.across(), channel, patches.column(i) + y * cut.pitch(), n);
        }
      }
    }
  }

  private static Matrix results(ConvolutionCut cut, int columns, Workspace space, DType dtype) {
    Object array = space.scratch.array(dtype, Workspace.RESULTS, cut.out() * columns);
    return new Matrix(array, 0, cut.out(), columns, columns, 1);
  }

  private static Matrix ofGroup(Matrix results, ConvolutionCut cut, int group) {
    int rows = cut.out() / cut.groups();
    return results.rows(group * rows, rows);
  }

  private static Matrix ofGroup(View weight, ConvolutionCut cut, int group) {
    Matrix all =
        new Matrix(
            CpuBuffer.array(weight),
            CpuBuffer.offset(weight),
            cut.out(),
            cut.inner(),
            cut.inner(),
            1);
    return ofGroup(all, cut, group);
  }

  private static void clear(View view) {
    int n = Math.toIntExact(view.size());
    Moves.clear(view.dtype(), CpuBuffer.array(view), CpuBuffer.offset(view), n);
  }
}
