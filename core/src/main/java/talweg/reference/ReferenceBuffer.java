package talweg.reference;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Locale;
import talweg.error.BackendException;
import talweg.spi.Buffer;
import talweg.tensor.DType;

/** Memory of the reference backend: one Java array of the element type's width. */
final class ReferenceBuffer implements Buffer {
  private final DType dtype;
  private final int length;
  private final Object array;
  private boolean released;

  ReferenceBuffer(DType dtype, long length) {
    if (length < 0 || length > Integer.MAX_VALUE - 8) {
      throw new BackendException(
          String.format(
              Locale.ROOT,
              "reference: cannot allocate %,d elements of %s: a tensor has at most %,d; use fewer"
                  + " examples at once, smaller layers, or another backend",
              length,
              dtype,
              Integer.MAX_VALUE - 8));
    }
    this.dtype = dtype;
    this.length = (int) length;
    this.array =
        switch (dtype) {
          case F32 -> new float[this.length];
          case F64 -> new double[this.length];
          case BF16 -> new short[this.length];
          case I32 -> new int[this.length];
          case I64 -> new long[this.length];
          case U8 -> new byte[this.length];
        };
    poison();
  }

  @Override
  public DType dtype() {
    return dtype;
  }

  @Override
  public long length() {
    return length;
  }

  boolean isLive() {
    return !released;
  }

  void release() {
    assert isLive() : "released twice: " + this;
    poison();
    released = true;
  }

  /** The element as a double; exact except for large I64. */
  double get(long index) {
    int i = at(index);
    return switch (dtype) {
      case F32 -> ((float[]) array)[i];
      case F64 -> ((double[]) array)[i];
      case BF16 -> Bfloat16.toFloat(((short[]) array)[i]);
      case I32 -> ((int[]) array)[i];
      case I64 -> ((long[]) array)[i];
      case U8 -> ((byte[]) array)[i] & 0xFF;
    };
  }

  /**
   * Rounds to nearest even or, for integer types, truncates towards zero and saturates; NaN gives 0
   * there.
   */
  void set(long index, double value) {
    int i = at(index);
    switch (dtype) {
      case F32 -> ((float[]) array)[i] = (float) value;
      case F64 -> ((double[]) array)[i] = value;
      case BF16 -> ((short[]) array)[i] = Bfloat16.round(value);
      case I32 -> ((int[]) array)[i] = (int) value;
      case I64 -> ((long[]) array)[i] = (long) value;
      case U8 -> ((byte[]) array)[i] = (byte) Math.clamp((long) value, 0, 255);
    }
  }

  /** The element of an integer type, exactly. */
  long getLong(long index) {
    int i = at(index);
    return switch (dtype) {
      case I32 -> ((int[]) array)[i];
      case I64 -> ((long[]) array)[i];
      case U8 -> ((byte[]) array)[i] & 0xFF;
      case F32, F64, BF16 -> throw new AssertionError("not an integer type: " + this);
    };
  }

  /** Stores an integer: exactly, rounded to nearest even, or saturated, as the type requires. */
  void setLong(long index, long value) {
    int i = at(index);
    switch (dtype) {
      case F32 -> ((float[]) array)[i] = value;
      case F64 -> ((double[]) array)[i] = value;
      case BF16 -> ((short[]) array)[i] = Bfloat16.round(value);
      case I32 -> ((int[]) array)[i] = Math.clamp(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case I64 -> ((long[]) array)[i] = value;
      case U8 -> ((byte[]) array)[i] = (byte) Math.clamp(value, 0, 255);
    }
  }

  /** Copies one element to another buffer, converting it if the types differ. */
  void move(long from, ReferenceBuffer target, long to) {
    if (target.dtype == dtype) {
      System.arraycopy(array, at(from), target.array, target.at(to), 1);
    } else if (dtype.isFloating()) {
      target.set(to, get(from));
    } else {
      target.setLong(to, getLong(from));
    }
  }

  /** The elements as bytes in native order. */
  MemorySegment segment() {
    assert isLive() : "used after release: " + this;
    return switch (dtype) {
      case F32 -> MemorySegment.ofArray((float[]) array);
      case F64 -> MemorySegment.ofArray((double[]) array);
      case BF16 -> MemorySegment.ofArray((short[]) array);
      case I32 -> MemorySegment.ofArray((int[]) array);
      case I64 -> MemorySegment.ofArray((long[]) array);
      case U8 -> MemorySegment.ofArray((byte[]) array);
    };
  }

  private int at(long index) {
    assert isLive() : "used after release: " + this;
    return Math.toIntExact(index);
  }

  /** Fills the memory with values that do not go unnoticed when they are read by mistake. */
  private void poison() {
    switch (dtype) {
      case F32 -> Arrays.fill((float[]) array, Float.NaN);
      case F64 -> Arrays.fill((double[]) array, Double.NaN);
      case BF16 -> Arrays.fill((short[]) array, Bfloat16.NAN);
      case I32 -> Arrays.fill((int[]) array, Integer.MIN_VALUE);
      case I64 -> Arrays.fill((long[]) array, Long.MIN_VALUE);
      case U8 -> Arrays.fill((byte[]) array, Byte.MIN_VALUE);
    }
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "ReferenceBuffer[%s, %d elements%s]",
        dtype,
        length,
        released ? ", released" : "");
  }
}
