package talweg.reference;

/** The 16-bit format BF16: the upper half of an F32. */
final class Bfloat16 {
  /** A quiet NaN. */
  static final short NAN = 0x7FC0;

  private Bfloat16() {}

  static float toFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** Rounds to nearest even, in one step although it passes through F32. */
  static short round(double value) {
    if (Double.isNaN(value)) {
      return NAN;
    }
    int bits = Float.floatToRawIntBits(toOdd(value));
    int lowestKept = (bits >>> 16) & 1;
    return (short) ((bits + 0x7FFF + lowestKept) >>> 16);
  }

  /** Rounds to nearest even; more exact than by way of double, which does not hold every long. */
  static short round(long value) {
    if (Math.abs(value) < 1L << 53) {
      return round((double) value);
    }
    // The lowest bit stands for all that is shifted out, so that a near tie is not taken for a tie.
    long sticky = (value & 0x7FF) == 0 ? 0 : 1;
    return round((value >> 11 | sticky) * 0x1p11);
  }

  /**
   * Of the two neighbouring floats the one with an odd significand, unless the value is a float. It
   * lies on the same side of every BF16 tie as the value does, so that rounding twice is as good as
   * rounding once.
   */
  private static float toOdd(double value) {
    float nearest = (float) value;
    int bits = Float.floatToRawIntBits(nearest);
    if (nearest == value || (bits & 1) == 1) {
      return nearest;
    }
    boolean tooLarge = Math.abs(nearest) > Math.abs(value);
    return Float.intBitsToFloat(tooLarge ? bits - 1 : bits + 1);
  }
}
