package talweg.cpu;

import talweg.op.ReduceKind;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/**
 * Shares reductions among the workers: parts of the results where there are many, else parts of
 * what is reduced, the results of which are reduced in turn. The parts follow from the shapes only,
 * so the sums are the same for any number of threads.
 */
final class SharedReduction {
  /** Parts that are enough to leave what is reduced in one piece. */
  private static final int MANY = 8;

  /** Parts below which a second pass does not pay. */
  private static final int LEAST = 4;

  /** Elements for each partial result, at least. */
  private static final int FEW = 16;

  private final Workers workers;
  private final Workspace[] spaces;

  SharedReduction(Workers workers, Workspace[] spaces) {
    this.workers = workers;
    this.spaces = spaces;
  }

  void run(ReduceKind kind, int axis, View in, View out) {
    double divisor = kind == ReduceKind.MEAN ? (double) in.size() / out.size() : 1;
    if (in.size() < 2L * Elementwise.CHUNK) {
      reduce(0, kind, axis, divisor, in, out);
      return;
    }
    int keptAxis = largest(in, out, false);
    int reducedAxis = largest(in, out, true);
    Partition reduced = Partition.along(reducedAxis, in, Elementwise.CHUNK);
    boolean worthwhile =
        reduced.parts() >= LEAST && out.size() * reduced.parts() * FEW <= in.size();
    boolean outer = keptAxis < 0 || stride(in, reducedAxis) > stride(in, keptAxis);
    Partition results = Partition.along(keptAxis, in, Elementwise.CHUNK);
    if (kind.isIndex() || !worthwhile || (!outer && results.parts() >= MANY)) {
      workers.run(
          results.parts(),
          (part, worker) ->
              reduce(worker, kind, axis, divisor, results.part(in, part), results.part(out, part)));
    } else {
      inParts(kind, divisor, reduced, in, out);
    }
  }

  private void inParts(ReduceKind kind, double divisor, Partition parts, View in, View out) {
    int[] dims = out.dims().clone();
    dims[parts.axis()] = parts.parts();
    Shape shape = Shape.of(dims);
    // Sums stay in double until the last rounding.
    DType dtype = kind.isSum() ? DType.F64 : in.dtype();
    View partial = View.contiguous(CpuBuffer.allocate(dtype, shape.size()), 0, shape);
    Partition slots = new Partition(parts.axis(), 1, parts.parts());
    workers.run(
        parts.parts(),
        (part, worker) ->
            reduce(worker, kind, -1, 1, parts.part(in, part), slots.part(partial, part)));
    reduce(0, kind, -1, divisor, partial, out);
  }

  private void reduce(int worker, ReduceKind kind, int axis, double divisor, View in, View out) {
    Workspace space = spaces[worker];
    space.reduction.run(space.kernels(in), kind, axis, divisor, in, out);
  }

  private static long stride(View view, int axis) {
    return axis < 0 ? 0 : view.strides()[axis];
  }

  /** The outermost of the longest axes that are reduced, or that are kept; -1 if there is none. */
  private static int largest(View in, View out, boolean reduced) {
    int axis = -1;
    int most = 0;
    for (int i = 0; i < in.rank(); i++) {
      int dim = in.dims()[i];
      boolean isReduced = dim != out.dims()[i];
      if (dim > most && isReduced == reduced) {
        axis = i;
        most = dim;
      }
    }
    return axis;
  }
}
