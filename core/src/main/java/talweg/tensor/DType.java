package talweg.tensor;

/**
 * Element types.
 *
 * <p>{@link #F32} and {@link #F64} support every operation. {@link #BF16} and {@link #U8} support
 * copies, casts and gathers only (BF16 also matrix products); comparisons yield U8; index tensors
 * are {@link #I32} or {@link #I64}.
 */
public enum DType {
  F32(4, true),
  F64(8, true),
  BF16(2, true),
  I32(4, false),
  I64(8, false),
  U8(1, false);

  private final int bytes;
  private final boolean floating;

  DType(int bytes, boolean floating) {
    this.bytes = bytes;
    this.floating = floating;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** Whether the type holds real numbers, and so can carry a gradient. */
  public boolean isFloating() {
    return floating;
  }

  /** Whether arithmetic beyond copies, casts and gathers is offered: F32 and F64. */
  public boolean isArithmetic() {
    return this == F32 || this == F64;
  }

  /** Whether a tensor of this type may serve as an index: I32 and I64. */
  public boolean isIndex() {
    return this == I32 || this == I64;
  }
}
