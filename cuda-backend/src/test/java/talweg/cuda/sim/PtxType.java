package talweg.cuda.sim;

/** Types of PTX as far as arithmetic tells them apart: untyped bits count as unsigned. */
enum PtxType {
  U8(1),
  S8(1),
  U16(2),
  S16(2),
  U32(4),
  S32(4),
  U64(8),
  S64(8),
  F16(2),
  BF16(2),
  F16X2(4),
  BF16X2(4),
  TF32(4),
  F32(4),
  F64(8),
  PRED(1);

  private final int bytes;

  PtxType(int bytes) {
    this.bytes = bytes;
  }

  static boolean names(String name) {
    return name.matches("[busf](8|16|32|64)|pred|bf16|f16x2|bf16x2|tf32");
  }

  static PtxType of(String name) {
    if (!names(name)) {
      throw PtxFault.undecodable("\"" + name + "\" is no known type");
    }
    String upper = name.toUpperCase(java.util.Locale.ROOT);
    return valueOf(upper.matches("B\\d+") ? "U" + upper.substring(1) : upper);
  }

  int bytes() {
    return bytes;
  }

  int bits() {
    return 8 * bytes;
  }

  boolean signed() {
    return this == S8 || this == S16 || this == S32 || this == S64;
  }

  boolean floating() {
    return this == F16 || this == BF16 || this == F32 || this == F64 || this == TF32;
  }

  boolean integer() {
    return this.ordinal() <= S64.ordinal();
  }

  /** The value of an integer register of this type, extended to 64 bits. */
  long extend(long value) {
    return switch (this) {
      case U8 -> value & 0xff;
      case S8 -> (byte) value;
      case U16, F16, BF16 -> value & 0xffff;
      case S16 -> (short) value;
      case U32, F32, F16X2, BF16X2, TF32 -> value & 0xffffffffL;
      case S32 -> (int) value;
      case U64, S64, F64, PRED -> value;
    };
  }
}
