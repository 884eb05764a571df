package talweg.nd4j;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import talweg.spi.View;
import talweg.tensor.DType;

/** Elements of views as Java arrays in row-major order, for what ND4J does not do. */
final class HostArrays {
  private HostArrays() {}

  /** An array of the element type's width. */
  static Object create(DType dtype, int length) {
    return switch (dtype) {
      case F32 -> new float[length];
      case F64 -> new double[length];
      case BF16 -> new short[length];
      case I32 -> new int[length];
      case I64 -> new long[length];
      case U8 -> new byte[length];
    };
  }

  static Object load(View view) {
    int n = Math.toIntExact(view.size());
    Object array = create(view.dtype(), n);
    MemorySegment source = Nd4jBuffer.of(view).segment();
    if (view.isContiguous()) {
      long from = view.offset() * view.dtype().bytes();
      MemorySegment.copy(source, layout(view.dtype()), from, array, 0, n);
      return array;
    }
    long[] at = positions(view.dims(), view.strides(), view.offset());
    for (int i = 0; i < n; i++) {
      switch (array) {
        case float[] x -> x[i] = source.getAtIndex(ValueLayout.JAVA_FLOAT, at[i]);
        case double[] x -> x[i] = source.getAtIndex(ValueLayout.JAVA_DOUBLE, at[i]);
        case short[] x -> x[i] = source.getAtIndex(ValueLayout.JAVA_SHORT, at[i]);
        case int[] x -> x[i] = source.getAtIndex(ValueLayout.JAVA_INT, at[i]);
        case long[] x -> x[i] = source.getAtIndex(ValueLayout.JAVA_LONG, at[i]);
        case byte[] x -> x[i] = source.get(ValueLayout.JAVA_BYTE, at[i]);
        default -> throw new AssertionError(array.getClass());
      }
    }
    return array;
  }

  static void store(Object array, View view) {
    int n = Math.toIntExact(view.size());
    MemorySegment target = Nd4jBuffer.of(view).segment();
    if (view.isContiguous()) {
      long to = view.offset() * view.dtype().bytes();
      MemorySegment.copy(array, 0, target, layout(view.dtype()), to, n);
      return;
    }
    long[] at = positions(view.dims(), view.strides(), view.offset());
    for (int i = 0; i < n; i++) {
      switch (array) {
        case float[] x -> target.setAtIndex(ValueLayout.JAVA_FLOAT, at[i], x[i]);
        case double[] x -> target.setAtIndex(ValueLayout.JAVA_DOUBLE, at[i], x[i]);
        case short[] x -> target.setAtIndex(ValueLayout.JAVA_SHORT, at[i], x[i]);
        case int[] x -> target.setAtIndex(ValueLayout.JAVA_INT, at[i], x[i]);
        case long[] x -> target.setAtIndex(ValueLayout.JAVA_LONG, at[i], x[i]);
        case byte[] x -> target.set(ValueLayout.JAVA_BYTE, at[i], x[i]);
        default -> throw new AssertionError(array.getClass());
      }
    }
  }

  /** Writes a Java array to a dense array of ND4J. */
  static void store(Object array, INDArray target) {
    MemorySegment memory = Scratch.memory(target);
    MemorySegment.copy(array, 0, memory, layout(array), 0, Math.toIntExact(target.length()));
  }

  /** Takes each element from one or the other, by a byte for each; all are dense. */
  static void select(MemorySegment choice, MemorySegment yes, MemorySegment no, MemorySegment out) {
    long n = choice.byteSize();
    switch ((int) (out.byteSize() / n)) {
      case Integer.BYTES -> {
        for (long i = 0; i < n; i++) {
          boolean first = choice.get(ValueLayout.JAVA_BYTE, i) != 0;
          int x = yes.getAtIndex(ValueLayout.JAVA_INT, i);
          int y = no.getAtIndex(ValueLayout.JAVA_INT, i);
          out.setAtIndex(ValueLayout.JAVA_INT, i, first ? x : y);
        }
      }
      case Long.BYTES -> {
        for (long i = 0; i < n; i++) {
          boolean first = choice.get(ValueLayout.JAVA_BYTE, i) != 0;
          long x = yes.getAtIndex(ValueLayout.JAVA_LONG, i);
          long y = no.getAtIndex(ValueLayout.JAVA_LONG, i);
          out.setAtIndex(ValueLayout.JAVA_LONG, i, first ? x : y);
        }
      }
      case Short.BYTES -> {
        for (long i = 0; i < n; i++) {
          MemorySegment from = choice.get(ValueLayout.JAVA_BYTE, i) != 0 ? yes : no;
          out.setAtIndex(ValueLayout.JAVA_SHORT, i, from.getAtIndex(ValueLayout.JAVA_SHORT, i));
        }
      }
      default -> {
        for (long i = 0; i < n; i++) {
          MemorySegment from = choice.get(ValueLayout.JAVA_BYTE, i) != 0 ? yes : no;
          out.set(ValueLayout.JAVA_BYTE, i, from.get(ValueLayout.JAVA_BYTE, i));
        }
      }
    }
  }

  /** Where the elements lie, in row-major order of the indices. */
  static long[] positions(int[] dims, long[] strides, long offset) {
    long[] at = {offset};
    for (int axis = 0; axis < dims.length; axis++) {
      long[] next = new long[Math.multiplyExact(at.length, dims[axis])];
      for (int i = 0; i < next.length; i++) {
        next[i] = at[i / dims[axis]] + i % dims[axis] * strides[axis];
      }
      at = next;
    }
    return at;
  }

  /** Integers of either index type, in row-major order. */
  static long[] loadIndex(View index) {
    return switch (load(index)) {
      case int[] ints -> Arrays.stream(ints).asLongStream().toArray();
      case Object longs -> (long[]) longs;
    };
  }

  /** Adds each term at its place, one after the other and rounded each time. */
  static void add(float[] terms, long[] places, MemorySegment target) {
    for (int i = 0; i < terms.length; i++) {
      float sum = target.getAtIndex(ValueLayout.JAVA_FLOAT, places[i]) + terms[i];
      target.setAtIndex(ValueLayout.JAVA_FLOAT, places[i], sum);
    }
  }

  /** As above, in F64. */
  static void add(double[] terms, long[] places, MemorySegment target) {
    for (int i = 0; i < terms.length; i++) {
      double sum = target.getAtIndex(ValueLayout.JAVA_DOUBLE, places[i]) + terms[i];
      target.setAtIndex(ValueLayout.JAVA_DOUBLE, places[i], sum);
    }
  }

  private static ValueLayout layout(DType dtype) {
    return switch (dtype) {
      case F32 -> ValueLayout.JAVA_FLOAT;
      case F64 -> ValueLayout.JAVA_DOUBLE;
      case BF16 -> ValueLayout.JAVA_SHORT;
      case I32 -> ValueLayout.JAVA_INT;
      case I64 -> ValueLayout.JAVA_LONG;
      case U8 -> ValueLayout.JAVA_BYTE;
    };
  }

  private static ValueLayout layout(Object array) {
    return switch (array) {
      case float[] _ -> ValueLayout.JAVA_FLOAT;
      case double[] _ -> ValueLayout.JAVA_DOUBLE;
      case short[] _ -> ValueLayout.JAVA_SHORT;
      case int[] _ -> ValueLayout.JAVA_INT;
      case long[] _ -> ValueLayout.JAVA_LONG;
      case byte[] _ -> ValueLayout.JAVA_BYTE;
      default -> throw new AssertionError(array.getClass());
    };
  }
}
