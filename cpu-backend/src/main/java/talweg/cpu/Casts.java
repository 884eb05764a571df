package talweg.cpu;

import talweg.tensor.DType;

/**
 * Conversion of dense runs between element types: to floating types by rounding to nearest even, to
 * integer types by truncation with saturation. Passes through double or long, whichever holds the
 * source exactly, but for the pair that matters most.
 */
public final class Casts {
  private final double[] reals = new double[Blocks.LENGTH];
  private final long[] integers = new long[Blocks.LENGTH];

  /** Converts n elements of {@code source}, from {@code from} on, to those of {@code target}. */
  public void convert(
      DType type, Object source, int from, DType targetType, Object target, int to, int n) {
    if (type == targetType) {
      System.arraycopy(source, from, target, to, n);
    } else if (type == DType.BF16 && targetType == DType.F32) {
      widen((short[]) source, from, (float[]) target, to, n);
    } else if (type == DType.F32 && targetType == DType.BF16) {
      narrow((float[]) source, from, (short[]) target, to, n);
    } else {
      for (int i = 0; i < n; i += Blocks.LENGTH) {
        int m = Math.min(Blocks.LENGTH, n - i);
        if (type.isFloating()) {
          toDoubles(type, source, from + i, m);
          fromDoubles(targetType, target, to + i, m);
        } else {
          toLongs(type, source, from + i, m);
          fromLongs(targetType, target, to + i, m);
        }
      }
    }
  }

  private static void widen(short[] source, int from, float[] target, int to, int n) {
    for (int i = 0; i < n; i++) {
      target[to + i] = Bfloat16.toFloat(source[from + i]);
    }
  }

  private static void narrow(float[] source, int from, short[] target, int to, int n) {
    for (int i = 0; i < n; i++) {
      target[to + i] = Bfloat16.round(source[from + i]);
    }
  }

  private void toDoubles(DType type, Object source, int from, int n) {
    switch (type) {
      case F32 -> {
        float[] x = (float[]) source;
        for (int i = 0; i < n; i++) {
          reals[i] = x[from + i];
        }
      }
      case F64 -> System.arraycopy(source, from, reals, 0, n);
      case BF16 -> {
        short[] x = (short[]) source;
        for (int i = 0; i < n; i++) {
          reals[i] = Bfloat16.toFloat(x[from + i]);
        }
      }
      case I32, I64, U8 -> throw new AssertionError(type + " is not a floating type");
    }
  }

  private void toLongs(DType type, Object source, int from, int n) {
    switch (type) {
      case I32 -> {
        int[] x = (int[]) source;
        for (int i = 0; i < n; i++) {
          integers[i] = x[from + i];
        }
      }
      case I64 -> System.arraycopy(source, from, integers, 0, n);
      case U8 -> {
        byte[] x = (byte[]) source;
        for (int i = 0; i < n; i++) {
          integers[i] = x[from + i] & 0xFF;
        }
      }
      case F32, F64, BF16 -> throw new AssertionError(type + " is not an integer type");
    }
  }

  private void fromDoubles(DType type, Object target, int to, int n) {
    switch (type) {
      case F32 -> {
        float[] out = (float[]) target;
        for (int i = 0; i < n; i++) {
          out[to + i] = (float) reals[i];
        }
      }
      case F64 -> System.arraycopy(reals, 0, target, to, n);
      case BF16 -> {
        short[] out = (short[]) target;
        for (int i = 0; i < n; i++) {
          out[to + i] = Bfloat16.round(reals[i]);
        }
      }
      case I32 -> {
        int[] out = (int[]) target;
        for (int i = 0; i < n; i++) {
          out[to + i] = (int) reals[i];
        }
      }
      case I64 -> {
        long[] out = (long[]) target;
        for (int i = 0; i < n; i++) {
          out[to + i] = (long) reals[i];
        }
      }
      case U8 -> {
        byte[] out = (byte[]) target;
        for (int i = 0; i < n; i++) {
          out[to + i] = (byte) Math.clamp((long) reals[i], 0, 255);
        }
      }
    }
  }

  private void fromLongs(DType type, Object target, int to, int n) {
    switch (type) {
      case F32 -> {
        float[] out = (float[]) target;
        for (int i = 0; i < n; i++) {
          out[to + i] = integers[i];
        }
      }
      case F64 -> {
        double[] out = (double[]) target;
        for (int i = 0; i < n; i++) {
          out[to + i] = integers[i];
        }
      }
      case BF16 -> {
        short[] out = (short[]) target;
        for (int i = 0; i < n; i++) {
          out[to + i] = Bfloat16.round(integers[i]);
        }
      }
      case I32 -> {
        int[] out = (int[]) target;
        for (int i = 0; i < n; i++) {
          out[to + i] = Math.clamp(integers[i], Integer.MIN_VALUE, Integer.MAX_VALUE);
        }
      }
      case I64 -> System.arraycopy(integers, 0, target, to, n);
      case U8 -> {
        byte[] out = (byte[]) target;
        for (int i = 0; i < n; i++) {
          out[to + i] = (byte) Math.clamp(integers[i], 0, 255);
        }
      }
    }
  }
}
