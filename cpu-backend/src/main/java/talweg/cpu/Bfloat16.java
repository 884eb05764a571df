package talweg.cpu;

/** The 16-bit format BF16: the upper half of an F32. */
final class Bfloat16 {
  private static final short NAN = 0x7FC0;

  private Bfloat16() {}

  static float toFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** Rounds to nearest even. */
  static short round(float value) {
    if (Float.isNaN(value)) {
      return NAN;
    }
    int bits = Float.floatToRawIntBits(value);
    return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
  }

  /** Rounds to nearest even in one step. */
  static short round(double value) {
    float nearest = (float) value;
    int bits = Float.floatToRawIntBits(nearest);
    if (nearest == value || (bits & 1) == 1 || Float.isNaN(nearest)) {
      return round(nearest);
    }
    // Rounding twice is harmless by way of the neighbour with an odd significand (round to odd).
    boolean tooLarge = Math.abs(nearest) > Math.abs(value);
    return round(Float.intBitsToFloat(tooLarge ? bits - 1 : bits + 1));
  }

  /** Rounds to nearest even in one step. */
  static short round(long value) {
    // A double holds 53 bits: the lowest of them stands for all that are shifted out.
    long sticky = (value & 0x7FF) == 0 ? 0 : 1;
    boolean isDouble = Math.abs(value) < 1L << 53;
    return round(isDouble ? (double) value : (value >> 11 | sticky) * 0x1p11);
  }
}
