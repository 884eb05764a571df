package talweg.op;

import java.util.List;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/**
 * The closed vocabulary of tensor operations. The dispatcher and the gradient rules switch over it
 * without a default branch, so that the compiler names every place at which a new operation must be
 * handled.
 *
 * <p>Operands are not part of an {@code Op}: it says what is done, the tape beside it says to what.
 */
public sealed interface Op {
  /** Elementwise function of one operand with its constants (see {@link UnaryKind}). */
  record Unary(UnaryKind kind, double p, double q) implements Op {
    public Unary(UnaryKind kind) {
      this(kind, 0, 0);
    }
  }

  /** Elementwise function of two operands that broadcast against each other. */
  record Binary(BinaryKind kind) implements Op {}

  /** scale * x + shift. */
  record Affine(double scale, double shift) implements Op {}

  /** Operands (condition U8, a, b): a where the condition is not 0, else b. All three broadcast. */
  record Where() implements Op {}

  /** Reduction over sorted, non-negative axes. */
  record Reduce(ReduceKind kind, List<Integer> axes, boolean keepDim) implements Op {}

  /**
   * Product over the last two axes, each operand optionally transposed there; leading axes
   * broadcast.
   */
  record MatMul(boolean transA, boolean transB) implements Op {}

  /**
   * Operands (source, index): {@code out[i][j][k] = source[i][index[i][j][k]][k]} for axis 1. The
   * index has the rank of the source, and its extents are the result's.
   */
  record Gather(int axis) implements Op {}

  /**
   * Operands (source, index): the adjoint of {@link Gather}, adding the source into zeros of the
   * given shape.
   */
  record ScatterAdd(int axis, Shape shape) implements Op {}

  /** A dense copy, possibly in another element type. */
  record Cast(DType dtype) implements Op {}

  /** Operands joined along an axis. */
  record Concat(int axis) implements Op {}

  /** The elements in row-major order under another shape; a view if the layout allows it. */
  record Reshape(Shape shape) implements Op {}

  /** The axes in another order; a view. */
  record Permute(List<Integer> axes) implements Op {}

  /** Broadcast to a larger shape; a view. */
  record Expand(Shape shape) implements Op {}

  /** Every {@code step[i]}-th element from {@code start[i]} on; a view of the given shape. */
  record Slice(List<Integer> start, List<Integer> step, Shape shape) implements Op {}

  /**
   * The operand placed into a tensor of the given shape that has {@code fill} everywhere else; the
   * adjoint of {@link Slice} if that is 0.
   */
  record Unslice(List<Integer> start, List<Integer> step, Shape shape, double fill) implements Op {
    public Unslice(List<Integer> start, List<Integer> step, Shape shape) {
      this(start, step, shape, 0);
    }
  }

  /**
   * All windows over the last two axes, see {@link Window2d#over}; a view in which windows may
   * overlap.
   */
  record Windows(Window2d window) implements Op {}

  /**
   * The adjoint of {@link Windows}: every window added to where it lies in zeros of the given
   * shape.
   */
  record FoldWindows(Window2d window, Shape shape) implements Op {}

  /** An operation that a backend computes in one pass. */
  record Fused(FusedOp op) implements Op {}

  /**
   * The name used in messages: the kind where there is one, else the record's name, in lower case.
   */
  default String label() {
    return switch (this) {
      case Unary u -> lower(u.kind().name());
      case Binary b -> lower(b.kind().name());
      case Reduce r -> lower(r.kind().name());
      case Fused f -> lower(f.op().getClass().getSimpleName());
      default -> lower(getClass().getSimpleName());
    };
  }

  private static String lower(String name) {
    return name.toLowerCase(java.util.Locale.ROOT);
  }
}
