package talweg.cpu;

import talweg.op.BinaryKind;
import talweg.spi.View;

/** Reads and compares I32 and I64. */
final class Integers {
  private static final byte[] EQ = {0, 1, 0};
  private static final byte[] NE = {1, 0, 1};
  private static final byte[] LT = {1, 0, 0};
  private static final byte[] LE = {1, 1, 0};
  private static final byte[] GT = {0, 0, 1};
  private static final byte[] GE = {0, 1, 1};

  private Integers() {}

  /** Reads an element of a vector of any stride. */
  static long load(View vector, int i) {
    int at = (int) (vector.offset() + i * vector.strides()[0]);
    return CpuBuffer.array(vector) instanceof int[] ints
        ? ints[at]
        : ((long[]) CpuBuffer.array(vector))[at];
  }

  /**
   * {@code out = kind(x, y) ? 1 : 0} on dense runs of n elements of {@code int[]} or {@code
   * long[]}.
   */
  static void compare(
      BinaryKind kind, Object x, int xo, Object y, int yo, byte[] out, int oo, int n) {
    byte[] outcome = outcomes(kind);
    if (x instanceof int[] a) {
      int[] b = (int[]) y;
      for (int i = 0; i < n; i++) {
        out[oo + i] = outcome[1 + Integer.signum(Integer.compare(a[xo + i], b[yo + i]))];
      }
    } else {
      long[] a = (long[]) x;
      long[] b = (long[]) y;
      for (int i = 0; i < n; i++) {
        out[oo + i] = outcome[1 + Integer.signum(Long.compare(a[xo + i], b[yo + i]))];
      }
    }
  }

  /** The result for a smaller, equal and larger first operand. */
  private static byte[] outcomes(BinaryKind kind) {
    return switch (kind) {
      case EQ -> EQ;
      case NE -> NE;
      case LT -> LT;
      case LE -> LE;
      case GT -> GT;
      case GE -> GE;
      case ADD, SUB, MUL, DIV, POW, MAXIMUM, MINIMUM ->
          throw new AssertionError(kind + " is not a comparison");
    };
  }
}
