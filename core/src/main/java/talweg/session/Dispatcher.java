package talweg.session;

import java.util.Arrays;
import java.util.List;
import talweg.error.TalwegException;
import talweg.op.BinaryKind;
import talweg.op.FusedCall;
import talweg.op.FusedOp;
import talweg.op.Op;
import talweg.op.ReduceKind;
import talweg.op.Window2d;
import talweg.spi.Backend;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Size2d;
import talweg.tensor.Tensor;

/**
 * Where every operation passes: allocates the result in the innermost scope, calls the backend,
 * records the step on the tape. Operands have been checked by the {@link Tensor} method that built
 * the {@link Op}.
 */
public final class Dispatcher {
  private final Session session;

  Dispatcher(Session session) {
    this.session = session;
  }

  /**
   * Computes {@code op} of the operands as a new tensor, recorded if a gradient may be asked for.
   */
  public Tensor apply(Op op, Tensor... inputs) {
    try {
      return applyRecorded(op, inputs);
    } catch (OutOfMemoryError e) {
      throw session.heapFull(e);
    }
  }

  private Tensor applyRecorded(Op op, Tensor... inputs) {
    session.requireOpen();
    for (Tensor input : inputs) {
      session.requireOwn(op.label(), input);
    }
    boolean recorded = session.isRecording() && anyRequiresGrad(op, inputs);
    int slot = recorded ? session.tape().size() : -1;
    Tensor out = isViewOnly(op) ? view(op, inputs[0], slot) : compute(op, slot, inputs);
    if (recorded) {
      session.tape().record(op, inputs, out);
    }
    return out;
  }

  /**
   * Computes {@code op} into an existing tensor without recording it: how gradients reach their
   * place.
   *
   * @param beta factor of the old content, for a matrix product only; 0 elsewhere
   */
  public void applyInto(View out, double beta, Op op, Tensor... inputs) {
    session.requireOpen();
    try {
      evaluate(op, beta, out, inputs);
    } catch (OutOfMemoryError e) {
      throw session.heapFull(e);
    }
  }

  /**
   * Copies {@code source}, broadcast to the target's shape, over the target's elements; not
   * recorded.
   */
  public void assign(Tensor target, Tensor source) {
    session.requireOpen();
    session.requireOwn("assign", source);
    backend().copy(source.view().expand(target.shape()), target.view());
  }

  private Tensor compute(Op op, int slot, Tensor... inputs) {
    Shape shape = resultShape(op, inputs);
    DType dtype = resultType(op, inputs);
    Tensor raw = session.empty(dtype, shape);
    raw.storage().computedBy(op);
    evaluate(op, 0, raw.view(), inputs);
    return slot < 0 ? raw : new Tensor(session, raw.storage(), raw.view(), slot);
  }

  private static boolean anyRequiresGrad(Op op, Tensor[] inputs) {
    if (op instanceof Op.Reduce r && r.kind().isIndex()
        || op instanceof Op.Binary b && b.kind().isComparison()
        || op instanceof Op.Cast c && !c.dtype().isFloating()) {
      return false;
    }
    for (Tensor input : inputs) {
      if (input.requiresGrad()) {
        return true;
      }
    }
    return false;
  }

  private static boolean isViewOnly(Op op) {
    return op instanceof Op.Reshape
        || op instanceof Op.Permute
        || op instanceof Op.Expand
        || op instanceof Op.Slice
        || op instanceof Op.Windows;
  }

  private Tensor view(Op op, Tensor in, int slot) {
    View from = in.view();
    View to =
        switch (op) {
          case Op.Reshape r -> from.reshape(r.shape());
          case Op.Permute p -> from.permute(ints(p.axes()));
          case Op.Expand e -> from.expand(e.shape());
          case Op.Slice s -> from.slice(ints(s.start()), ints(s.step()), s.shape());
          case Op.Windows w -> from.windows(w.window());
          default -> throw new TalwegException(op.label() + " is not a view");
        };
    if (to != null) {
      return new Tensor(session, in.storage(), to, slot);
    }
    // The layout does not allow a view: a dense copy does.
    Tensor dense = session.empty(in.dtype(), in.shape());
    backend().copy(from, dense.view());
    return new Tensor(
        session, dense.storage(), dense.view().reshape(((Op.Reshape) op).shape()), slot);
  }

  private static DType resultType(Op op, Tensor[] in) {
    return switch (op) {
      case Op.Cast c -> c.dtype();
      case Op.Binary b when b.kind().isComparison() -> DType.U8;
      case Op.Reduce r when r.kind().isIndex() -> DType.I32;
      case Op.Where _ -> in[1].dtype();
      case Op.MatMul _ when in[0].dtype() == DType.BF16 -> DType.F32;
      default -> in[0].dtype();
    };
  }

  private static Shape resultShape(Op op, Tensor[] in) {
    return switch (op) {
      case Op.Unary _, Op.Affine _, Op.Cast _ -> in[0].shape();
      case Op.Binary b -> Shape.broadcast(op.label(), in[0].shape(), in[1].shape());
      case Op.Where _ ->
          Shape.broadcast(
              "where", in[0].shape(), Shape.broadcast("where", in[1].shape(), in[2].shape()));
      case Op.Reduce r -> in[0].shape().reduced(ints(r.axes()), r.keepDim());
      case Op.MatMul m -> matmulShape(m, in[0].shape(), in[1].shape());
      case Op.Gather _ -> in[1].shape();
      case Op.ScatterAdd s -> s.shape();
      case Op.Concat c ->
          in[0]
              .shape()
              .with(c.axis(), Arrays.stream(in).mapToInt(t -> t.shape().dim(c.axis())).sum());
      case Op.Unslice u -> u.shape();
      case Op.FoldWindows f -> f.shape();
      case Op.Reshape r -> r.shape();
      case Op.Fused f -> fusedShape(f.op(), in);
      case Op.Permute _, Op.Expand _, Op.Slice _, Op.Windows _ ->
          throw new TalwegException(op.label() + " is a view");
    };
  }

  private static Shape fusedShape(FusedOp op, Tensor[] in) {
    return switch (op) {
      case FusedOp.LinearActivation _ -> Shape.of(in[0].shape().dim(0), in[1].shape().dim(0));
      case FusedOp.SoftmaxCrossEntropy s -> s.mean() ? Shape.SCALAR : in[1].shape();
      case FusedOp.LayerNorm _, FusedOp.BatchNorm _ -> in[0].shape();
      case FusedOp.Convolution c ->
          positions(c.window(), c.padding(), in[0].shape()).with(1, in[1].shape().dim(0));
      case FusedOp.MaxPool p -> positions(p.window(), p.padding(), in[0].shape());
    };
  }

  /** The shape of images with one element for each position of a window. */
  private static Shape positions(Window2d window, Size2d padding, Shape images) {
    Shape padded =
        images
            .with(2, images.dim(2) + 2 * padding.height())
            .with(3, images.dim(3) + 2 * padding.width());
    return Shape.of(Arrays.copyOf(window.over(padded).dims(), 4));
  }

  private static Shape matmulShape(Op.MatMul op, Shape a, Shape b) {
    Shape lead = Shape.broadcast("matmul", leading(a), leading(b));
    int[] dims = Arrays.copyOf(lead.dims(), lead.rank() + 2);
    dims[lead.rank()] = a.dim(op.transA() ? -1 : -2);
    dims[lead.rank() + 1] = b.dim(op.transB() ? -2 : -1);
    return Shape.of(dims);
  }

  private static Shape leading(Shape shape) {
    return Shape.of(Arrays.copyOf(shape.dims(), shape.rank() - 2));
  }

  private void evaluate(Op op, double beta, View out, Tensor... in) {
    switch (op) {
      case Op.Unary u -> backend().unary(u.kind(), u.p(), u.q(), in[0].view(), out);
      case Op.Binary b ->
          backend()
              .binary(
                  b.kind(),
                  in[0].view().expand(out.shape()),
                  in[1].view().expand(out.shape()),
                  out);
      case Op.Affine a -> backend().affine(a.scale(), a.shift(), in[0].view(), out);
      case Op.Where _ ->
          backend()
              .where(
                  in[0].view().expand(out.shape()),
                  in[1].view().expand(out.shape()),
                  in[2].view().expand(out.shape()),
                  out);
      case Op.Reduce r -> reduce(r, in[0].view(), out);
      case Op.MatMul m -> matmul(m, beta, in[0].view(), in[1].view(), out);
      case Op.Gather g -> backend().gather(g.axis(), in[0].view(), in[1].view(), out);
      case Op.ScatterAdd s -> {
        backend().fill(out, 0);
        backend().scatterAdd(s.axis(), in[0].view(), in[1].view(), out);
      }
      case Op.Cast _ -> backend().copy(in[0].view(), out);
      case Op.Concat c -> concat(c.axis(), out, in);
      case Op.Unslice u -> {
        backend().fill(out, u.fill());
        backend().copy(in[0].view(), out.slice(ints(u.start()), ints(u.step()), in[0].shape()));
      }
      case Op.Fused f -> backend().run(call(f.op(), out, in));
      case Op.FoldWindows f -> fold(f.window(), in[0].view(), out);
      case Op.Reshape _, Op.Permute _, Op.Expand _, Op.Slice _, Op.Windows _ ->
          backend().copy(view(op, in[0], -1).view(), out);
    }
  }

  private static FusedCall call(FusedOp op, View out, Tensor... in) {
    View x = in[0].view();
    return switch (op) {
      case FusedOp.LinearActivation l ->
          new FusedCall.LinearActivation(x, in[1].view(), in[2].view(), l.activation(), out);
      case FusedOp.SoftmaxCrossEntropy s ->
          new FusedCall.SoftmaxCrossEntropy(x, in[1].view(), s.labelSmoothing(), out);
      case FusedOp.LayerNorm n ->
          new FusedCall.LayerNorm(x, in[1].view(), in[2].view(), n.eps(), out);
      case FusedOp.BatchNorm n ->
          new FusedCall.BatchNorm(x, in[1].view(), in[2].view(), n.eps(), in[3].view(), out);
      case FusedOp.Convolution c ->
          new FusedCall.Convolution(
              x,
              in[1].view(),
              in.length > 2 ? in[2].view() : null,
              c.window(),
              c.padding(),
              c.groups(),
              c.activation(),
              out);
      case FusedOp.MaxPool p -> new FusedCall.MaxPool(x, p.window(), p.padding(), out);
    };
  }

  /**
   * Backends reduce to extents of 1, so the output is shown to them with its reduced axes in place.
   */
  private void reduce(Op.Reduce op, View in, View out) {
    int[] axes = ints(op.axes());
    ReduceKind kind = op.kind();
    backend()
        .reduce(
            kind, axes.length == 1 ? axes[0] : -1, in, out.reshape(in.shape().reduced(axes, true)));
  }

  private void matmul(Op.MatMul op, double beta, View a, View b, View out) {
    int lead = out.rank() - 2;
    View left = a.expand(Shape.of(withLead(out.dims(), lead, a.dims())));
    View right = b.expand(Shape.of(withLead(out.dims(), lead, b.dims())));
    backend().matmul(op.transA(), op.transB(), 1, beta, left, right, out);
  }

  private static int[] withLead(int[] out, int lead, int[] matrix) {
    int[] dims = Arrays.copyOf(out, lead + 2);
    dims[lead] = matrix[matrix.length - 2];
    dims[lead + 1] = matrix[matrix.length - 1];
    return dims;
  }

  private void concat(int axis, View out, Tensor... parts) {
    int[] start = new int[out.rank()];
    int[] step = new int[out.rank()];
    Arrays.fill(step, 1);
    for (Tensor part : parts) {
      backend().copy(part.view(), out.slice(start, step, part.shape()));
      start[axis] += part.shape().dim(axis);
    }
  }

  /**
   * Elements at one place of their windows never overlap, so they are added together, one place
   * after the other: the order of additions is fixed.
   */
  private void fold(Window2d window, View in, View out) {
    View windows = out.windows(window);
    int rank = windows.rank();
    int[] start = new int[rank];
    int[] step = new int[rank];
    Arrays.fill(step, 1);
    Shape place = windows.shape().with(rank - 2, 1).with(rank - 1, 1);
    backend().fill(out, 0);
    for (int row = 0; row < window.kernel().height(); row++) {
      for (int column = 0; column < window.kernel().width(); column++) {
        start[rank - 2] = row;
        start[rank - 1] = column;
        View sum = windows.slice(start, step, place);
        backend().binary(BinaryKind.ADD, sum, in.slice(start, step, place), sum);
      }
    }
  }

  private Backend backend() {
    return session.backend();
  }

  private static int[] ints(List<Integer> list) {
    return list.stream().mapToInt(Integer::intValue).toArray();
  }
}
