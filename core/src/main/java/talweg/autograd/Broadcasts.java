package talweg.autograd;

import java.util.ArrayList;
import java.util.List;
import talweg.op.Op;
import talweg.op.ReduceKind;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/** Undoes broadcasting: the adjoint of repeating an element is summing its copies. */
final class Broadcasts {
  private Broadcasts() {}

  /**
   * The sum that brings {@code from} back to {@code to}, up to axes of extent 1; null if the shapes
   * are equal.
   */
  static Op.Reduce reduction(Shape from, Shape to) {
    if (from.equals(to)) {
      return null;
    }
    List<Integer> axes = new ArrayList<>();
    int lead = from.rank() - to.rank();
    for (int i = 0; i < from.rank(); i++) {
      if (i < lead || (to.dim(i - lead) == 1 && from.dim(i) != 1)) {
        axes.add(i);
      }
    }
    return new Op.Reduce(ReduceKind.SUM, List.copyOf(axes), true);
  }

  /** The gradient summed back to the shape that was broadcast. */
  static Tensor sumTo(Tensor gradient, Shape shape) {
    Op.Reduce reduction = reduction(gradient.shape(), shape);
    return reduction == null
        ? gradient
        : gradient.session().dispatcher().apply(reduction, gradient).reshape(shape.dims());
  }
}
