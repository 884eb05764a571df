package talweg.tensor;

import java.util.Arrays;
import java.util.Locale;
import talweg.error.DTypeException;
import talweg.error.ShapeException;
import talweg.op.BinaryKind;
import talweg.op.Op;
import talweg.op.ReduceKind;

/**
 * Where types and shapes of operands are checked; the dispatcher checks that they are of one
 * session. Below, backends only assert.
 */
final class Checks {
  private Checks() {}

  static void arithmetic(String operation, Tensor x) {
    if (!x.dtype().isArithmetic()) {
      throw new DTypeException(
          "%s: needs F32 or F64, got %s; convert with to(DType.F32)".formatted(operation, x));
    }
  }

  static void binary(String operation, BinaryKind kind, Tensor a, Tensor b) {
    if (a.dtype() != b.dtype()) {
      throw new DTypeException(
          "%s: operand types differ: %s and %s; convert one with to(DType)"
              .formatted(operation, a, b));
    }
    if (!kind.isComparison() || !a.dtype().isIndex()) {
      arithmetic(operation, a);
    }
  }

  static void where(Tensor condition, Tensor yes, Tensor no) {
    if (condition.dtype() != DType.U8) {
      throw new DTypeException(
          "where: the condition must be U8, got %s; make it with compare(), as in x.compare(BinaryKind.NE, 0)"
              .formatted(condition));
    }
    if (yes.dtype() != no.dtype()) {
      throw new DTypeException(
          "where: branch types differ: %s and %s; convert one with to(DType)".formatted(yes, no));
    }
    arithmetic("where", yes);
  }

  static Shape reshape(Tensor x, int... dims) {
    int[] target = dims.clone();
    int unknown = -1;
    long known = 1;
    for (int i = 0; i < target.length; i++) {
      if (target[i] == -1 && unknown < 0) {
        unknown = i;
      } else if (target[i] >= 0) {
        known *= target[i];
      } else {
        throw new ShapeException(
            "reshape: extents must be >= 0, with at most one -1, got " + Arrays.toString(dims));
      }
    }
    if (unknown >= 0 && known > 0 && x.size() % known == 0) {
      target[unknown] = Math.toIntExact(x.size() / known);
      known = x.size();
    }
    if (known != x.size() || (unknown >= 0 && target[unknown] < 0)) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "reshape: %s has %d elements, which do not fill %s",
              x.shape(),
              x.size(),
              Arrays.toString(dims)));
    }
    return Shape.of(target);
  }

  static Op.Slice slice(Tensor x, int axis, int start, int stop, int step) {
    int extent = x.shape().dim(axis);
    int from = start < 0 ? start + extent : start;
    int to = stop < 0 ? stop + extent : stop;
    if (step < 1 || from < 0 || to > extent || from > to) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "slice: %d..%d step %d does not fit axis %d of %s; expected 0 <= start <= stop <= %d"
                  + " and step >= 1",
              start,
              stop,
              step,
              axis,
              x.shape(),
              extent));
    }
    int[] starts = new int[x.rank()];
    int[] steps = new int[x.rank()];
    Arrays.fill(steps, 1);
    starts[axis] = from;
    steps[axis] = step;
    int count = (to - from + step - 1) / step;
    return new Op.Slice(Tensor.list(starts), Tensor.list(steps), x.shape().with(axis, count));
  }

  static int concat(int axis, Tensor... parts) {
    if (parts.length == 0) {
      throw new ShapeException("concat: needs at least one tensor");
    }
    Tensor first = parts[0];
    int normal = first.shape().axis(axis);
    for (Tensor part : parts) {
      if (part.dtype() != first.dtype()) {
        throw new DTypeException(
            "concat: element types differ: %s and %s; convert one with to(DType)"
                .formatted(first, part));
      }
      if (part.rank() != first.rank()
          || !part.shape().with(normal, 1).equals(first.shape().with(normal, 1))) {
        throw new ShapeException(
            String.format(
                Locale.ROOT,
                "concat along axis %d: %s and %s differ elsewhere",
                normal,
                first.shape(),
                part.shape()));
      }
    }
    return normal;
  }

  static int[] reduce(ReduceKind kind, Tensor x, int... axes) {
    String operation = new Op.Reduce(kind, java.util.List.of(), false).label();
    arithmetic(operation, x);
    int[] normal = x.shape().axes(axes);
    if (!kind.isSum()) {
      for (int axis : normal) {
        if (x.shape().dim(axis) == 0) {
          throw new ShapeException(
              String.format(
                  Locale.ROOT,
                  "%s: axis %d of %s is empty, so there is no such element",
                  operation,
                  axis,
                  x.shape()));
        }
      }
    }
    return normal;
  }

  static DTypeException index(String operation, Tensor index) {
    return new DTypeException(
        "%s: the index must be I32 or I64, got %s; convert it with to(DType.I32)"
            .formatted(operation, index));
  }

  static int gather(String operation, Tensor x, int axis, Tensor index) {
    if (!index.dtype().isIndex()) {
      throw index(operation, index);
    }
    int normal = x.shape().axis(axis);
    boolean fits = index.rank() == x.rank();
    for (int i = 0; fits && i < x.rank(); i++) {
      fits = i == normal || index.shape().dim(i) <= x.shape().dim(i);
    }
    if (!fits) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "%s along axis %d: an index of shape %s does not fit %s; the rank must be equal and"
                  + " no other axis longer",
              operation,
              normal,
              index.shape(),
              x.shape()));
    }
    return normal;
  }

  static int scatterAdd(Tensor x, int axis, Tensor index, Shape target) {
    arithmetic("scatterAdd", x);
    if (!index.dtype().isIndex()) {
      throw index("scatterAdd", index);
    }
    int normal = x.shape().axis(axis);
    boolean fits = index.shape().equals(x.shape()) && target.rank() == x.rank();
    for (int i = 0; fits && i < x.rank(); i++) {
      fits = i == normal || x.shape().dim(i) <= target.dim(i);
    }
    if (!fits) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "scatterAdd along axis %d: %s with an index of shape %s does not fit into %s;"
                  + " source and index must agree, and no other axis be longer than the target's",
              normal,
              x.shape(),
              index.shape(),
              target));
    }
    return normal;
  }
}
