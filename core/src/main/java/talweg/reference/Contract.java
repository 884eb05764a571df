package talweg.reference;

import java.util.Arrays;
import java.util.BitSet;
import talweg.op.BinaryKind;
import talweg.op.ReduceKind;
import talweg.spi.View;
import talweg.tensor.DType;

/**
 * What callers of {@link talweg.spi.Backend} promise, for use in {@code assert}: run with {@code
 * -ea}, the reference backend also judges the code above it. Every method returns true or fails
 * with the reason.
 */
final class Contract {
  private Contract() {}

  /**
   * Operands have the output's shape, and the output may be one of them but not overlap them
   * otherwise.
   */
  static boolean elementwise(View out, View... operands) {
    for (View operand : operands) {
      check(Arrays.equals(operand.dims(), out.dims()), "shapes differ", out, operand);
      check(
          isSameElements(operand, out) || isDisjoint(operand, out),
          "partly in place",
          out,
          operand);
    }
    return writable(out);
  }

  /** The output overlaps no operand. */
  static boolean outOfPlace(View out, View... operands) {
    for (View operand : operands) {
      check(isDisjoint(operand, out), "output overlaps an operand", out, operand);
    }
    return writable(out);
  }

  /** The output is F32 or F64, and so are the operands. */
  static boolean arithmetic(View out, View... operands) {
    check(out.dtype().isArithmetic(), "not a type for arithmetic", out);
    return sameType(out, operands);
  }

  static boolean sameType(View out, View... operands) {
    for (View operand : operands) {
      check(operand.dtype() == out.dtype(), "element types differ", out, operand);
    }
    return true;
  }

  static boolean binaryTypes(BinaryKind kind, View a, View b, View out) {
    if (!kind.isComparison()) {
      return arithmetic(out, a, b);
    }
    check(out.dtype() == DType.U8, "comparisons give U8", out);
    check(a.dtype().isArithmetic() || a.dtype().isIndex(), "not a type to compare", a);
    return sameType(a, b);
  }

  static boolean contiguous(View view) {
    check(view.isContiguous(), "not contiguous", view);
    return true;
  }

  /** Extents are equal, or 1 in the output; only a sum or mean may be empty. */
  static boolean reduction(ReduceKind kind, int axis, View in, View out) {
    check(in.rank() == out.rank(), "ranks differ", out, in);
    for (int i = 0; i < in.rank(); i++) {
      int from = in.dims()[i];
      int to = out.dims()[i];
      check(from == to || to == 1, "axis " + i + " is neither kept nor reduced", out, in);
      check(from > 0 || to == 0 || kind.isSum(), "no element to choose", out, in);
      check(from == to || !kind.isIndex() || i == axis, kind + " of axis " + axis, out, in);
    }
    check(in.dtype().isArithmetic(), "not a type for arithmetic", in);
    check(out.dtype() == (kind.isIndex() ? DType.I32 : in.dtype()), "wrong output type", out, in);
    return true;
  }

  static boolean matmul(boolean transA, boolean transB, View a, View b, View out) {
    int rank = out.rank();
    check(rank >= 2 && a.rank() == rank && b.rank() == rank, "ranks", out, a, b);
    int[] x = (transA ? a.transpose() : a).dims();
    int[] y = (transB ? b.transpose() : b).dims();
    int[] z = out.dims();
    check(Arrays.equals(x, 0, rank - 1, z, 0, rank - 1), "left operand", out, a, b);
    check(Arrays.equals(y, 0, rank - 2, z, 0, rank - 2), "right operand", out, a, b);
    check(y[rank - 1] == z[rank - 1] && x[rank - 1] == y[rank - 2], "inner axes", out, a, b);
    check(a.dtype() == b.dtype(), "element types differ", a, b);
    boolean mixed = a.dtype() == DType.BF16 && out.dtype() == DType.F32;
    return mixed || arithmetic(out, a, b);
  }

  /** The index has the shape of {@code selected}, and off the axis fits into {@code whole}. */
  static boolean indexed(int axis, View whole, View index, View selected) {
    check(index.dtype().isIndex(), "not an index type", index);
    check(Arrays.equals(index.dims(), selected.dims()), "index shape", selected, index);
    check(whole.rank() == index.rank(), "ranks differ", whole, index);
    for (int i = 0; i < index.rank(); i++) {
      check(
          i == axis || index.dims()[i] <= whole.dims()[i],
          "axis " + i + " is longer",
          whole,
          index);
    }
    return sameType(whole, selected);
  }

  static boolean writable(View out) {
    check(out.size() == 0 || out.isInjective(), "output elements overlap", out);
    return true;
  }

  private static boolean isSameElements(View a, View b) {
    boolean same = a.buffer() == b.buffer() && a.offset() == b.offset();
    for (int i = 0; i < a.rank(); i++) {
      same &= a.dims()[i] == 1 || a.strides()[i] == b.strides()[i];
    }
    return same;
  }

  private static boolean isDisjoint(View a, View b) {
    if (!a.mayOverlap(b)) {
      return true;
    }
    BitSet touched = new BitSet();
    for (Walk walk = new Walk(a); walk.next(); ) {
      touched.set(Math.toIntExact(walk.at(0)));
    }
    for (Walk walk = new Walk(b); walk.next(); ) {
      if (touched.get(Math.toIntExact(walk.at(0)))) {
        return false;
      }
    }
    return true;
  }

  private static void check(boolean holds, String reason, View... views) {
    if (!holds) {
      throw new AssertionError(reason + ": " + Arrays.toString(views));
    }
  }
}
