package talweg.cuda.sim;

/** Values as the bits of a register, and back. */
final class Bits {
  private Bits() {}

  static float f32(long bits) {
    return Float.intBitsToFloat((int) bits);
  }

  static long of(float value) {
    return Float.floatToRawIntBits(value) & 0xffff_ffffL;
  }

  static double f64(long bits) {
    return Double.longBitsToDouble(bits);
  }

  static long of(double value) {
    return Double.doubleToRawLongBits(value);
  }

  static long of(boolean value) {
    return value ? 1 : 0;
  }

  static float f16(long bits) {
    return Float.float16ToFloat((short) bits);
  }

  static long toF16(float value) {
    return Float.floatToFloat16(value) & 0xffffL;
  }

  static float bf16(long bits) {
    return Float.intBitsToFloat((int) bits << 16);
  }

  /** Rounds to nearest, ties to even. */
  static long toBf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return 0x7fff;
    }
    return (bits + 0x7fff + (bits >>> 16 & 1)) >>> 16 & 0xffffL;
  }

  /** Rounds to the 10 bits of mantissa that tf32 keeps; to nearest, ties away from zero. */
  static long toTf32(float value) {
    int bits = Float.floatToRawIntBits(value);
    return Float.isNaN(value) || Float.isInfinite(value)
        ? bits & 0xffff_ffffL
        : (bits + 0x1000) & 0xffff_e000L;
  }

  /** A register of a floating type as a double, which holds each of them exactly. */
  static double real(long bits, PtxType type) {
    return switch (type) {
      case F16 -> f16(bits);
      case BF16 -> bf16(bits);
      case F32, TF32 -> f32(bits);
      case F64 -> f64(bits);
      default -> throw PtxFault.undecodable(type + " is no floating type");
    };
  }

  /** A double rounded to nearest in a floating type. */
  static long round(double value, PtxType type) {
    return switch (type) {
      case F16 -> toF16((float) value);
      case BF16 -> toBf16((float) value);
      case F32 -> of((float) value);
      case F64 -> of(value);
      default -> throw PtxFault.undecodable(type + " is no floating type");
    };
  }
}
