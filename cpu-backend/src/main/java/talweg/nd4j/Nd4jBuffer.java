package talweg.nd4j;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import talweg.error.OutOfMemoryException;
import talweg.spi.Buffer;
import talweg.spi.View;
import talweg.tensor.DType;

/** Memory of ND4J, outside the Java heap. */
final class Nd4jBuffer implements Buffer {
  /** Arrays to keep for views seen before: making one takes longer than a small operation. */
  private static final int KEPT = 64;

  private final DType dtype;
  private final long length;
  private final Map<Window, INDArray> arrays = new HashMap<>();
  private DataBuffer data;

  /** What tells the views of one buffer apart. */
  private record Window(long offset, long[] dims, long[] strides) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Window window
          && offset == window.offset
          && Arrays.equals(dims, window.dims)
          && Arrays.equals(strides, window.strides);
    }

    @Override
    public int hashCode() {
      return 31 * (31 * Long.hashCode(offset) + Arrays.hashCode(dims)) + Arrays.hashCode(strides);
    }
  }

  Nd4jBuffer(DType dtype, long length) {
    this.dtype = dtype;
    this.length = length;
    try {
      // ND4J has no buffer of no elements.
      this.data = Nd4j.createBuffer(type(dtype), Math.max(1, length), false);
    } catch (OutOfMemoryError | RuntimeException e) {
      throw new OutOfMemoryException(
          String.format(
              Locale.ROOT,
              "nd4j: out of memory allocating %d bytes (%d elements of %s): %s",
              length * dtype.bytes(),
              length,
              dtype,
              e.getMessage()),
          "use a smaller batch",
          e);
    }
  }

  static DataType type(DType dtype) {
    return switch (dtype) {
      case F32 -> DataType.FLOAT;
      case F64 -> DataType.DOUBLE;
      case BF16 -> DataType.BFLOAT16;
      case I32 -> DataType.INT32;
      case I64 -> DataType.INT64;
      case U8 -> DataType.UINT8;
    };
  }

  static Nd4jBuffer of(View view) {
    return (Nd4jBuffer) view.buffer();
  }

  /**
   * The view as ND4J sees it, on the same memory. Its strides may be 0 and its elements may
   * overlap, but strides below 0 make ND4J fail or crash: see {@link Scratch}.
   */
  static INDArray array(View view) {
    Nd4jBuffer buffer = of(view);
    DataBuffer data = buffer.data();
    if (buffer.arrays.size() >= KEPT) {
      buffer.arrays.clear();
    }
    return buffer.arrays.computeIfAbsent(
        new Window(view.offset(), dims(view), strides(view)),
        w -> Nd4j.create(data, w.dims, w.strides, w.offset, 'c', data.dataType()));
  }

  static long[] dims(View view) {
    return Arrays.stream(view.dims()).asLongStream().toArray();
  }

  /**
   * The view's strides, but for axes of extent 1 what a dense layout would have: ND4J reads them.
   */
  static long[] strides(View view) {
    long[] strides = view.strides().clone();
    long dense = 1;
    for (int i = strides.length - 1; i >= 0; i--) {
      if (view.dims()[i] == 1) {
        strides[i] = dense;
      }
      dense = strides[i] * view.dims()[i];
    }
    return strides;
  }

  /** All elements in one row. */
  INDArray flat() {
    return Nd4j.create(data(), new long[] {length}, new long[] {1}, 0, 'c', data().dataType());
  }

  @Override
  public DType dtype() {
    return dtype;
  }

  @Override
  public long length() {
    return length;
  }

  /** The elements as bytes in native order. */
  @SuppressWarnings("restricted") // memory of a known length, which lives until it is released
  MemorySegment segment() {
    return MemorySegment.ofAddress(data().address()).reinterpret(length * dtype.bytes());
  }

  private DataBuffer data() {
    assert data != null : "used after release: " + this;
    return data;
  }

  void release() {
    DataBuffer released = data();
    arrays.clear();
    data = null;
    released.close();
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "Nd4jBuffer[%s, %d elements%s]",
        dtype,
        length,
        data == null ? ", released" : "");
  }
}
