package talweg.cuda.sim;

/** How f32 results are rounded: the {@code .rn .rz .rm .rp} of an instruction. */
enum Rounding {
  NEAREST,
  ZERO,
  DOWN,
  UP;

  static Rounding of(Statement s) {
    return s.has("rz") ? ZERO : s.has("rm") ? DOWN : s.has("rp") ? UP : NEAREST;
  }

  /** x y + z in one rounding, as bits. */
  long fma(float x, float y, float z) {
    double product = (double) x * y;
    double sum = product + z;
    // What the sum lost (Knuth's two-sum): the product of two floats is exact in double.
    double part = sum - product;
    double lost = (product - (sum - part)) + (z - part);
    return Bits.of(round(sum, Double.isNaN(lost) ? 0 : lost));
  }

  /** Rounds value + rest, where rest is small against value. */
  private float round(double value, double rest) {
    float nearest = (float) value;
    if (this == NEAREST || Float.isNaN(nearest)) {
      return nearest;
    }
    int side = nearest != value ? Double.compare(nearest, value) : -(int) Math.signum(rest);
    boolean down = this == DOWN || this == ZERO && value > 0;
    if (down && side > 0) {
      return Math.nextDown(nearest);
    }
    return !down && side < 0 ? Math.nextUp(nearest) : nearest;
  }

  /** Rounds a double to f32. */
  float round(double value) {
    return round(value, 0);
  }
}
