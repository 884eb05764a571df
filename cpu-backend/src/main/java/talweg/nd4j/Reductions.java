package talweg.nd4j;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.indexaccum.custom.ArgMax;
import org.nd4j.linalg.api.ops.impl.indexaccum.custom.ArgMin;
import org.nd4j.linalg.api.ops.impl.reduce.same.Max;
import org.nd4j.linalg.api.ops.impl.reduce.same.Min;
import org.nd4j.linalg.api.ops.impl.reduce.same.Sum;
import org.nd4j.linalg.factory.Nd4j;
import talweg.op.ReduceKind;
import talweg.spi.View;
import talweg.tensor.DType;

/** Reductions of some axes, which stay with extent 1; the input has elements. */
final class Reductions {
  /** Terms that are added one after the other; above, halves are added to halves. */
  private static final int RUN = 64;

  private Reductions() {}

  /** Reduces {@code axes}, of which there is at least one. */
  static void run(ReduceKind kind, int[] axes, View in, INDArray out, Scratch scratch) {
    switch (kind) {
      case SUM -> out.assign(sum(axes, in, out, scratch));
      case MEAN -> {
        double terms = (double) in.size() / out.length();
        out.assign(sum(axes, in, out, scratch).divi(terms));
      }
      case MAX, MIN -> extreme(kind, axes, scratch.in(in), out, scratch);
      case ARGMAX, ARGMIN -> position(kind, axes[0], scratch.in(in), out, scratch);
    }
  }

  /**
   * In F64. ND4J adds one term after the other. F32 is therefore added in F64, which errs less than
   * pairwise summation in F32; F64 is added pairwise until {@value #RUN} terms are left.
   */
  private static INDArray sum(int[] axes, View in, INDArray out, Scratch scratch) {
    View terms = in;
    if (in.dtype() == DType.F64) {
      for (int axis : axes) {
        terms = halved(axis, terms, scratch);
      }
    }
    INDArray sum = scratch.dense(DataType.DOUBLE, out.shape());
    Nd4j.exec(new Sum(scratch.as(DataType.DOUBLE, scratch.in(terms)), sum, true, axes));
    return sum;
  }

  /** Adds the back half of an axis to its front half until {@value #RUN} elements are left. */
  private static View halved(int axis, View in, Scratch scratch) {
    View terms = in;
    for (int n = in.dims()[axis]; n > RUN; n = terms.dims()[axis]) {
      int half = (n + 1) / 2;
      View front = scratch.view(DType.F64, in.shape().with(axis, half));
      Nd4jBuffer.array(front).assign(scratch.in(part(terms, axis, 0, half)));
      Nd4jBuffer.array(part(front, axis, 0, n - half)).addi(scratch.in(part(terms, axis, half, n)));
      terms = front;
    }
    return terms;
  }

  private static View part(View view, int axis, int from, int to) {
    int[] start = new int[view.rank()];
    start[axis] = from;
    int[] step = new int[view.rank()];
    Arrays.fill(step, 1);
    return view.slice(start, step, view.shape().with(axis, to - from));
  }

  /** ND4J passes over NaN. */
  private static void extreme(
      ReduceKind kind, int[] axes, INDArray in, INDArray out, Scratch scratch) {
    INDArray extreme = scratch.dense(in.dataType(), out.shape());
    Nd4j.exec(
        kind == ReduceKind.MAX
            ? new Max(in, extreme, true, axes)
            : new Min(in, extreme, true, axes));
    INDArray nan = nan(in, scratch);
    if (nan != null) {
      INDArray has = has(nan, axes, out, scratch);
      INDArray none = scratch.like(extreme);
      none.assign(Double.NaN);
      Elementwise.select(has, none, extreme, extreme, scratch);
    }
    out.assign(extreme);
  }

  /** The first NaN wins, which ND4J passes over. */
  private static void position(
      ReduceKind kind, int axis, INDArray in, INDArray out, Scratch scratch) {
    INDArray position = first(kind == ReduceKind.ARGMAX, axis, in, out, scratch);
    INDArray nan = nan(in, scratch);
    if (nan != null) {
      INDArray has = has(nan, new int[] {axis}, out, scratch);
      Elementwise.select(has, first(true, axis, nan, out, scratch), position, position, scratch);
    }
    out.assign(position);
  }

  private static INDArray first(
      boolean largest, int axis, INDArray in, INDArray out, Scratch scratch) {
    INDArray[] ins = {in};
    INDArray[] outs = {scratch.dense(DataType.INT64, out.shape())};
    Nd4j.exec(largest ? new ArgMax(ins, outs, true, axis) : new ArgMin(ins, outs, true, axis));
    return outs[0];
  }

  /** 1 where an element is NaN and 0 elsewhere, of the input's type; or null if none is. */
  private static INDArray nan(INDArray in, Scratch scratch) {
    INDArray truth = Elementwise.isNan(in, scratch);
    return truth.any() ? scratch.as(in.dataType(), truth) : null;
  }

  /** Where in the output NaN was among what is reduced. */
  private static INDArray has(INDArray nan, int[] axes, INDArray out, Scratch scratch) {
    INDArray most = scratch.dense(nan.dataType(), out.shape());
    Nd4j.exec(new Max(nan, most, true, axes));
    return scratch.as(DataType.BOOL, most);
  }
}
