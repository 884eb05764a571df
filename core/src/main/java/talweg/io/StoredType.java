package talweg.io;

import talweg.tensor.DType;

/**
 * Element types of the safetensors format. Those that {@link DType} lacks can be in a file beside
 * others: only {@link #F16} is read, as F32, which holds each of its values exactly.
 */
enum StoredType {
  F64(64, DType.F64),
  F32(32, DType.F32),
  F16(16, DType.F32),
  BF16(16, DType.BF16),
  I64(64, DType.I64),
  I32(32, DType.I32),
  U8(8, DType.U8),
  BOOL(8, null),
  I8(8, null),
  I16(16, null),
  U16(16, null),
  U32(32, null),
  U64(64, null),
  C64(64, null),
  F8_E4M3(8, null),
  F8_E5M2(8, null),
  F8_E8M0(8, null),
  F6_E2M3(6, null),
  F6_E3M2(6, null),
  F4(4, null);

  private final int bits;
  private final DType read;

  StoredType(int bits, DType read) {
    this.bits = bits;
    this.read = read;
  }

  /** The type of the file's elements for what is written: it has all of ours. */
  static StoredType of(DType type) {
    return valueOf(type.name());
  }

  /** The type with a name, or null. */
  static StoredType named(String name) {
    for (StoredType type : values()) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    return null;
  }

  /** What its elements become, or null if they are not read. */
  DType read() {
    return read;
  }

  /** Bits of a number of elements. */
  long bits(long elements) {
    return Math.multiplyExact(elements, bits);
  }
}
