package talweg.cpu;

import java.util.Arrays;
import talweg.op.BinaryKind;
import talweg.op.ReduceKind;
import talweg.spi.View;
import talweg.tensor.DType;

/**
 * Reductions. Axes are split into kept and reduced ones. Where a reduced axis is innermost in
 * memory, runs along it are reduced to one element each; otherwise runs along a kept axis are
 * combined with one another, element by element, so that memory is always read along its innermost
 * axis. An instance belongs to one thread.
 */
final class Reduction {
  private final Scratch scratch = new Scratch(2);
  private final double[] sum = new double[Blocks.LENGTH];
  private final double[] lost = new double[Blocks.LENGTH];

  /** Combines runs of elements; results are per element of a block of outputs. */
  private interface Accumulator {
    void clear(int n);

    /** Takes a dense run into the first result. */
    void addRun(Object x, int from, int n);

    /** Takes a dense run, one element into each result. */
    void addEach(Object x, int from, int n);

    void store(Object out, int from, int stride, int n);
  }

  /**
   * Reduces to where {@code out} has extent 1; sums of either element type may go to either.
   *
   * @param axis the one axis of an index kind
   * @param divisor of sums: of a mean the number of its terms
   */
  void run(Kernels<Object> kernels, ReduceKind kind, int axis, double divisor, View in, View out) {
    if (kind.isIndex()) {
      positions(kernels, kind, axis, in, out);
      return;
    }
    int[] window = in.dims().clone();
    for (int i = 0; i < window.length; i++) {
      window[i] = out.dims()[i] == 1 ? window[i] : 1;
    }
    int[] offsets = {CpuBuffer.offset(in), CpuBuffer.offset(out)};
    Layout kept = new Layout(out.dims(), offsets, in.strides(), out.strides());
    Layout reduced = new Layout(window, new int[1], in.strides());
    Accumulator accumulator =
        kind.isSum()
            ? new Sums(kernels, divisor)
            : new Extremes(kernels, kind, in.dtype(), scratch.array(in.dtype(), 1, Blocks.LENGTH));
    boolean alongReduced =
        kept.innerDim() == 1
            || (reduced.innerDim() > 1 && reduced.innerStride(0) < kept.innerStride(0));
    if (alongReduced) {
      reduceRuns(accumulator, kept, reduced, in, out);
    } else {
      reduceEach(accumulator, kept, reduced, in, out);
    }
  }

  private void reduceRuns(Accumulator accumulator, Layout kept, Layout reduced, View in, View out) {
    Object x = CpuBuffer.array(in);
    Rows window = new Rows(reduced, 1);
    for (Rows outputs = new Rows(kept, 0); outputs.next(); ) {
      accumulator.clear(1);
      for (window.reset(); window.next(); ) {
        int at = outputs.at(0) + window.at(0);
        addRun(accumulator, in.dtype(), x, at, reduced.innerStride(0), reduced.innerDim());
      }
      accumulator.store(CpuBuffer.array(out), outputs.at(1), 1, 1);
    }
  }

  private void addRun(Accumulator accumulator, DType dtype, Object x, int at, int stride, int n) {
    if (stride == 1) {
      accumulator.addRun(x, at, n);
      return;
    }
    Object block = scratch.array(dtype, 0, Blocks.LENGTH);
    for (int i = 0; i < n; i += Blocks.LENGTH) {
      int m = Math.min(Blocks.LENGTH, n - i);
      Moves.copy(dtype, x, at + i * stride, stride, block, 0, 1, m);
      accumulator.addRun(block, 0, m);
    }
  }

  private void reduceEach(Accumulator accumulator, Layout kept, Layout reduced, View in, View out) {
    Object x = CpuBuffer.array(in);
    Object block = scratch.array(in.dtype(), 0, Blocks.LENGTH);
    int stride = kept.innerStride(0);
    Rows window = new Rows(reduced, 0);
    for (Rows outputs = new Rows(kept, 1); outputs.next(); ) {
      for (int i = 0; i < kept.innerDim(); i += Blocks.LENGTH) {
        int n = Math.min(Blocks.LENGTH, kept.innerDim() - i);
        accumulator.clear(n);
        for (window.reset(); window.next(); ) {
          int at = outputs.at(0) + i * stride + window.at(0);
          if (stride == 1) {
            accumulator.addEach(x, at, n);
          } else {
            Moves.copy(in.dtype(), x, at, stride, block, 0, 1, n);
            accumulator.addEach(block, 0, n);
          }
        }
        int outStride = kept.innerStride(1);
        accumulator.store(CpuBuffer.array(out), outputs.at(1) + i * outStride, outStride, n);
      }
    }
  }

  private static void positions(
      Kernels<Object> kernels, ReduceKind kind, int axis, View in, View out) {
    int[] offsets = {CpuBuffer.offset(out), CpuBuffer.offset(in)};
    Layout kept = new Layout(out.dims(), offsets, out.strides(), in.strides());
    int stride = (int) in.strides()[axis];
    int n = in.dims()[axis];
    Object x = CpuBuffer.array(in);
    int[] target = (int[]) CpuBuffer.array(out);
    for (Rows outputs = new Rows(kept, 0); outputs.next(); ) {
      target[outputs.at(0)] = kernels.position(kind, x, outputs.at(1), stride, n);
    }
  }

  private final class Sums implements Accumulator {
    private final Kernels<Object> kernels;
    private final double divisor;

    Sums(Kernels<Object> kernels, double divisor) {
      this.kernels = kernels;
      this.divisor = divisor;
    }

    @Override
    public void clear(int n) {
      Arrays.fill(sum, 0, n, 0);
      Arrays.fill(lost, 0, n, 0);
    }

    @Override
    public void addRun(Object x, int from, int n) {
      kernels.sum(x, from, n, sum, lost, 0);
    }

    @Override
    public void addEach(Object x, int from, int n) {
      kernels.sumEach(x, from, n, sum, lost);
    }

    @Override
    public void store(Object out, int from, int stride, int n) {
      if (out instanceof float[] floats) {
        for (int i = 0; i < n; i++) {
          floats[from + i * stride] = (float) result(i);
        }
      } else {
        double[] doubles = (double[]) out;
        for (int i = 0; i < n; i++) {
          doubles[from + i * stride] = result(i);
        }
      }
    }

    private double result(int i) {
      // After an overflow or NaN the correction is meaningless.
      return (Double.isFinite(sum[i]) ? sum[i] + lost[i] : sum[i]) / divisor;
    }
  }

  private static final class Extremes implements Accumulator {
    private final Kernels<Object> kernels;
    private final ReduceKind kind;
    private final DType dtype;
    private final Object best;
    private boolean empty;

    Extremes(Kernels<Object> kernels, ReduceKind kind, DType dtype, Object best) {
      this.kernels = kernels;
      this.kind = kind;
      this.dtype = dtype;
      this.best = best;
    }

    @Override
    public void clear(int n) {
      empty = true;
    }

    @Override
    public void addRun(Object x, int from, int n) {
      takeFirst(x, from, 1);
      kernels.extreme(kind, x, from, n, best, 0);
    }

    @Override
    public void addEach(Object x, int from, int n) {
      takeFirst(x, from, n);
      BinaryKind larger = kind == ReduceKind.MAX ? BinaryKind.MAXIMUM : BinaryKind.MINIMUM;
      kernels.binary(larger, best, 0, x, from, best, 0, n);
    }

    private void takeFirst(Object x, int from, int n) {
      if (empty) {
        Moves.copy(dtype, x, from, 1, best, 0, 1, n);
        empty = false;
      }
    }

    @Override
    public void store(Object out, int from, int stride, int n) {
      Moves.copy(dtype, best, 0, 1, out, from, stride, n);
    }
  }
}
