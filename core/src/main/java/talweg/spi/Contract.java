package talweg.spi;

import java.util.Arrays;
import talweg.op.BinaryKind;
import talweg.op.ReduceKind;
import talweg.tensor.DType;

/**
 * What callers of {@link Backend} promise, for use in {@code assert}: true, or fails with the
 * reason.
 */
public final class Contract {
  private Contract() {}

  public static boolean elementwise(View out, View... operands) {
    for (View operand : operands) {
      check(Arrays.equals(operand.dims(), out.dims()), "shapes differ", out, operand);
    }
    return writable(out);
  }

  public static boolean arithmetic(View out, View... operands) {
    check(out.dtype().isArithmetic(), "not a type for arithmetic", out);
    return sameType(out, operands);
  }

  public static boolean sameType(View out, View... operands) {
    for (View operand : operands) {
      check(operand.dtype() == out.dtype(), "element types differ", out, operand);
    }
    return true;
  }

  public static boolean binaryTypes(BinaryKind kind, View a, View b, View out) {
    if (!kind.isComparison()) {
      return arithmetic(out, a, b);
    }
    check(out.dtype() == DType.U8, "comparisons give U8", out);
    check(a.dtype().isArithmetic() || a.dtype().isIndex(), "not a type to compare", a);
    return sameType(a, b);
  }

  public static boolean transfer(View view, long bytes) {
    check(view.isContiguous(), "not contiguous", view);
    check(bytes >= view.size() * view.dtype().bytes(), "host memory is too short", view);
    return true;
  }

  public static boolean reduction(ReduceKind kind, int axis, View in, View out) {
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
    return writable(out);
  }

  public static boolean matmul(boolean transA, boolean transB, View a, View b, View out) {
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
    return (mixed || arithmetic(out, a, b)) && writable(out);
  }

  /** The index has the shape of {@code selected}, and off the axis fits into {@code whole}. */
  public static boolean indexed(int axis, View whole, View index, View selected) {
    check(index.dtype().isIndex(), "not an index type", index);
    check(Arrays.equals(index.dims(), selected.dims()), "index shape", selected, index);
    check(whole.rank() == index.rank(), "ranks differ", whole, index);
    for (int i = 0; i < index.rank(); i++) {
      boolean fits = i == axis || index.dims()[i] <= whole.dims()[i];
      check(fits, "axis " + i + " is longer", whole, index);
    }
    return sameType(whole, selected);
  }

  public static boolean writable(View out) {
    check(out.size() == 0 || out.isInjective(), "output elements overlap", out);
    return true;
  }

  private static void check(boolean holds, String reason, View... views) {
    if (!holds) {
      throw new AssertionError(reason + ": " + Arrays.toString(views));
    }
  }
}
