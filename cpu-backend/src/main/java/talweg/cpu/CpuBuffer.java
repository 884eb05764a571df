package talweg.cpu;

import java.lang.foreign.MemorySegment;
import java.util.Locale;
import talweg.error.BackendException;
import talweg.error.OutOfMemoryException;
import talweg.spi.Buffer;
import talweg.spi.View;
import talweg.tensor.DType;

/** Memory of the CPU backend: one Java array of the element type's width. */
final class CpuBuffer implements Buffer {
  /** The longest array that every JVM can allocate. */
  private static final int MAX_LENGTH = Integer.MAX_VALUE - 8;

  /** Bytes from which on arrays are staggered. */
  private static final int LARGE = 1 << 20;

  /**
   * Bytes after a large array that are not used: two pages and a cache line. Without them, arrays
   * that were allocated one after the other with a power of two as their size lie so that equal
   * positions compete for the same sets of the caches that hold data and page tables; an update of
   * 64 M parameters, which goes through four arrays at once, then takes 1.7 times as long.
   */
  private static final int STAGGER = 2 * 4096 + 64;

  private final DType dtype;
  private final int length;
  private Object array;

  private CpuBuffer(DType dtype, Object array, int length) {
    this.dtype = dtype;
    this.array = array;
    this.length = length;
  }

  static CpuBuffer allocate(DType dtype, long length) {
    if (length < 0 || length > MAX_LENGTH) {
      throw new BackendException(
          String.format(
              Locale.ROOT,
              "cpu: cannot allocate %,d elements of %s: a tensor has at most %,d; use fewer"
                  + " examples at once, or smaller layers",
              length,
              dtype,
              MAX_LENGTH));
    }
    boolean large = length * dtype.bytes() >= LARGE;
    int unused = large ? (int) Math.min(STAGGER / dtype.bytes(), MAX_LENGTH - length) : 0;
    return new CpuBuffer(dtype, newArray(dtype, (int) length + unused), (int) length);
  }

  /** An array that holds elements of the given type; reports what to do if memory runs out. */
  static Object newArray(DType dtype, int length) {
    try {
      return switch (dtype) {
        case F32 -> new float[length];
        case F64 -> new double[length];
        case BF16 -> new short[length];
        case I32 -> new int[length];
        case I64 -> new long[length];
        case U8 -> new byte[length];
      };
    } catch (OutOfMemoryError e) {
      throw new OutOfMemoryException(
          String.format(
              Locale.ROOT,
              "cpu: out of memory allocating %d bytes (%d elements of %s) with a heap limit of %d"
                  + " bytes",
              (long) length * dtype.bytes(),
              length,
              dtype,
              Runtime.getRuntime().maxMemory()),
          "raise -Xmx or use a smaller batch",
          e);
    }
  }

  /** The array behind a view; its class follows from the element type. */
  static Object array(View view) {
    return ((CpuBuffer) view.buffer()).array();
  }

  /** Where a view begins in its array. */
  static int offset(View view) {
    return Math.toIntExact(view.offset());
  }

  @Override
  public DType dtype() {
    return dtype;
  }

  @Override
  public long length() {
    return length;
  }

  Object array() {
    assert array != null : "used after release: " + this;
    return array;
  }

  void release() {
    assert array != null : "released twice: " + this;
    array = null;
  }

  /** The elements as bytes in native order. */
  MemorySegment segment() {
    return switch (dtype) {
      case F32 -> MemorySegment.ofArray((float[]) array());
      case F64 -> MemorySegment.ofArray((double[]) array());
      case BF16 -> MemorySegment.ofArray((short[]) array());
      case I32 -> MemorySegment.ofArray((int[]) array());
      case I64 -> MemorySegment.ofArray((long[]) array());
      case U8 -> MemorySegment.ofArray((byte[]) array());
    };
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "CpuBuffer[%s, %d elements%s]",
        dtype,
        length,
        array == null ? ", released" : "");
  }
}
