package talweg.cpu;

import java.util.Arrays;
import talweg.tensor.DType;

/** Data movement between arrays of one element type. */
final class Moves {
  /** Edge of the tiles of a transposition: as many cache lines as stay in the innermost cache. */
  static final int TILE = 16;

  private Moves() {}

  /** {@code target[to + i * toStride] = source[from + i * fromStride]} for n elements. */
  static void copy(
      DType dtype,
      Object source,
      int from,
      int fromStride,
      Object target,
      int to,
      int toStride,
      int n) {
    if (fromStride == 1 && toStride == 1) {
      System.arraycopy(source, from, target, to, n);
      return;
    }
    switch (dtype) {
      case F32 -> copy((float[]) source, from, fromStride, (float[]) target, to, toStride, n);
      case F64 -> copy((double[]) source, from, fromStride, (double[]) target, to, toStride, n);
      case BF16 -> copy((short[]) source, from, fromStride, (short[]) target, to, toStride, n);
      case I32 -> copy((int[]) source, from, fromStride, (int[]) target, to, toStride, n);
      case I64 -> copy((long[]) source, from, fromStride, (long[]) target, to, toStride, n);
      case U8 -> copy((byte[]) source, from, fromStride, (byte[]) target, to, toStride, n);
    }
  }

  /** Sets n elements of F32 or F64 to 0. */
  static void clear(DType dtype, Object target, int from, int n) {
    switch (dtype) {
      case F32 -> Arrays.fill((float[]) target, from, from + n, 0);
      case F64 -> Arrays.fill((double[]) target, from, from + n, 0);
      case BF16, I32, I64, U8 -> throw new AssertionError(dtype);
    }
  }

  /** {@code out[o + i] = condition[c + i] != 0 ? a[x + i] : b[y + i]} for n elements. */
  static void select(
      DType dtype,
      byte[] condition,
      int c,
      Object a,
      int x,
      Object b,
      int y,
      Object out,
      int o,
      int n) {
    switch (dtype) {
      case F32 -> select(condition, c, (float[]) a, x, (float[]) b, y, (float[]) out, o, n);
      case F64 -> select(condition, c, (double[]) a, x, (double[]) b, y, (double[]) out, o, n);
      case BF16 -> select(condition, c, (short[]) a, x, (short[]) b, y, (short[]) out, o, n);
      case I32 -> select(condition, c, (int[]) a, x, (int[]) b, y, (int[]) out, o, n);
      case I64 -> select(condition, c, (long[]) a, x, (long[]) b, y, (long[]) out, o, n);
      case U8 -> select(condition, c, (byte[]) a, x, (byte[]) b, y, (byte[]) out, o, n);
    }
  }

  private static void copy(
      float[] source, int from, int fromStride, float[] target, int to, int toStride, int n) {
    if (fromStride == 0 && toStride == 1) {
      Arrays.fill(target, to, to + n, source[from]);
      return;
    }
    for (int i = 0; i < n; i++) {
      target[to + i * toStride] = source[from + i * fromStride];
    }
  }

  private static void copy(
      double[] source, int from, int fromStride, double[] target, int to, int toStride, int n) {
    if (fromStride == 0 && toStride == 1) {
      Arrays.fill(target, to, to + n, source[from]);
      return;
    }
    for (int i = 0; i < n; i++) {
      target[to + i * toStride] = source[from + i * fromStride];
    }
  }

  private static void copy(
      short[] source, int from, int fromStride, short[] target, int to, int toStride, int n) {
    if (fromStride == 0 && toStride == 1) {
      Arrays.fill(target, to, to + n, source[from]);
      return;
    }
    for (int i = 0; i < n; i++) {
      target[to + i * toStride] = source[from + i * fromStride];
    }
  }

  private static void copy(
      int[] source, int from, int fromStride, int[] target, int to, int toStride, int n) {
    if (fromStride == 0 && toStride == 1) {
      Arrays.fill(target, to, to + n, source[from]);
      return;
    }
    for (int i = 0; i < n; i++) {
      target[to + i * toStride] = source[from + i * fromStride];
    }
  }

  private static void copy(
      long[] source, int from, int fromStride, long[] target, int to, int toStride, int n) {
    if (fromStride == 0 && toStride == 1) {
      Arrays.fill(target, to, to + n, source[from]);
      return;
    }
    for (int i = 0; i < n; i++) {
      target[to + i * toStride] = source[from + i * fromStride];
    }
  }

  private static void copy(
      byte[] source, int from, int fromStride, byte[] target, int to, int toStride, int n) {
    if (fromStride == 0 && toStride == 1) {
      Arrays.fill(target, to, to + n, source[from]);
      return;
    }
    for (int i = 0; i < n; i++) {
      target[to + i * toStride] = source[from + i * fromStride];
    }
  }

  private static void select(
      byte[] condition, int c, float[] a, int x, float[] b, int y, float[] out, int o, int n) {
    for (int i = 0; i < n; i++) {
      out[o + i] = condition[c + i] != 0 ? a[x + i] : b[y + i];
    }
  }

  private static void select(
      byte[] condition, int c, double[] a, int x, double[] b, int y, double[] out, int o, int n) {
    for (int i = 0; i < n; i++) {
      out[o + i] = condition[c + i] != 0 ? a[x + i] : b[y + i];
    }
  }

  private static void select(
      byte[] condition, int c, short[] a, int x, short[] b, int y, short[] out, int o, int n) {
    for (int i = 0; i < n; i++) {
      out[o + i] = condition[c + i] != 0 ? a[x + i] : b[y + i];
    }
  }

  private static void select(
      byte[] condition, int c, int[] a, int x, int[] b, int y, int[] out, int o, int n) {
    for (int i = 0; i < n; i++) {
      out[o + i] = condition[c + i] != 0 ? a[x + i] : b[y + i];
    }
  }

  private static void select(
      byte[] condition, int c, long[] a, int x, long[] b, int y, long[] out, int o, int n) {
    for (int i = 0; i < n; i++) {
      out[o + i] = condition[c + i] != 0 ? a[x + i] : b[y + i];
    }
  }

  private static void select(
      byte[] condition, int c, byte[] a, int x, byte[] b, int y, byte[] out, int o, int n) {
    for (int i = 0; i < n; i++) {
      out[o + i] = condition[c + i] != 0 ? a[x + i] : b[y + i];
    }
  }
}
