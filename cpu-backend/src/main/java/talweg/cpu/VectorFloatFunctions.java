package talweg.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Elementary functions of a vector of floats. Arguments are reduced as usual (Cody and Waite:
 * Software Manual for the Elementary Functions, 1980); the polynomials were fitted for this file by
 * Lawson's iteration, with coefficients rounded to float one after the other. Errors, found by
 * comparing with double over the whole range, are stated in units in the last place of a normal
 * result; results below the normal range are exact to about a hundred times the smallest float.
 */
final class VectorFloatFunctions {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;

  private static final float LOG2_E = 1.442695f;

  /** ln 2 in two parts; products of the first with a small integer are exact. */
  private static final float LN2_HIGH = 0x1.62ep-1f;

  private static final float LN2_LOW = 3.1946183e-05f;

  /** Adding this rounds a float below 2^22 to an integer, in the sum's low bits. */
  private static final float ROUNDER = 0x1.8p23f;

  private static final int BIAS = 127;
  private static final int FRACTION_BITS = 23;
  private static final float SQRT_HALF = 0.70710677f;
  private static final float SQRT_2 = 1.4142135f;

  private static final float SMALLEST_NORMAL = Float.MIN_NORMAL;

  private VectorFloatFunctions() {}

  /** e^x; 1 ulp. */
  static FloatVector exp(FloatVector x) {
    // Beyond these bounds the result is 0 or infinite. NaN passes.
    FloatVector bounded = x.max(-104f).min(89f);
    FloatVector rounded = bounded.fma(constant(LOG2_E), constant(ROUNDER));
    FloatVector n = rounded.sub(ROUNDER);
    FloatVector p = expm1Reduced(bounded, n).add(1f);
    // In two steps, since 2^n may lie outside of the range of floats where the result does not.
    IntVector exponent = rounded.reinterpretAsInts().sub(Float.floatToRawIntBits(ROUNDER));
    IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
    return p.mul(powerOfTwo(half)).mul(powerOfTwo(exponent.sub(half)));
  }

  /** e^x - 1 for x <= 44; 2 ulp. */
  static FloatVector expm1(FloatVector x) {
    FloatVector bounded = x.max(-18f).min(44f);
    FloatVector rounded = bounded.fma(constant(LOG2_E), constant(ROUNDER));
    FloatVector n = rounded.sub(ROUNDER);
    FloatVector p = expm1Reduced(bounded, n);
    FloatVector scale =
        powerOfTwo(rounded.reinterpretAsInts().sub(Float.floatToRawIntBits(ROUNDER)));
    return p.fma(scale, scale.sub(1f));
  }

  /** e^r - 1 for r = x - n ln 2. */
  private static FloatVector expm1Reduced(FloatVector x, FloatVector n) {
    FloatVector r = n.fma(constant(-LN2_LOW), n.fma(constant(-LN2_HIGH), x));
    FloatVector p = constant(1.9763348e-04f);
    p = p.fma(r, constant(1.3932331e-03f));
    p = p.fma(r, constant(8.333544e-03f));
    p = p.fma(r, constant(4.1666493e-02f));
    p = p.fma(r, constant(1.6666666e-01f));
    p = p.fma(r, constant(5.e-01f));
    return p.fma(r.mul(r), r);
  }

  private static FloatVector powerOfTwo(IntVector n) {
    return n.add(BIAS).lanewise(VectorOperators.LSHL, FRACTION_BITS).reinterpretAsFloats();
  }

  /** ln x; 1 ulp. */
  static FloatVector log(FloatVector x) {
    VectorMask<Float> tiny = x.lt(SMALLEST_NORMAL);
    FloatVector scaled = x.mul(0x1p23f, tiny);
    // The exponent of a fraction in sqrt(1/2) .. sqrt(2).
    IntVector bits = scaled.reinterpretAsInts();
    IntVector exponent =
        bits.sub(Float.floatToRawIntBits(SQRT_HALF)).lanewise(VectorOperators.ASHR, FRACTION_BITS);
    FloatVector fraction =
        bits.sub(exponent.lanewise(VectorOperators.LSHL, FRACTION_BITS)).reinterpretAsFloats();
    FloatVector n = (FloatVector) exponent.convert(VectorOperators.I2F, 0);
    n = n.sub(FRACTION_BITS, tiny);
    FloatVector result = log1pReduced(fraction.sub(1f), n);
    result = result.blend(Float.NEGATIVE_INFINITY, x.eq(0f));
    // Infinity and NaN stay; NaN for what is negative.
    result = result.blend(x, x.lt(Float.POSITIVE_INFINITY).not());
    return result.blend(Float.NaN, x.lt(0f));
  }

  /** n ln 2 + ln(1 + f). */
  private static FloatVector log1pReduced(FloatVector f, FloatVector n) {
    FloatVector p = constant(6.750956e-02f);
    p = p.fma(f, constant(-1.1671449e-01f));
    p = p.fma(f, constant(1.1883568e-01f));
    p = p.fma(f, constant(-1.2406032e-01f));
    p = p.fma(f, constant(1.4220327e-01f));
    p = p.fma(f, constant(-1.6667996e-01f));
    p = p.fma(f, constant(2.0002073e-01f));
    p = p.fma(f, constant(-2.500001e-01f));
    p = p.fma(f, constant(3.3333313e-01f));
    FloatVector square = f.mul(f);
    FloatVector tail = square.fma(constant(-0.5f), n.mul(LN2_LOW)).add(p.mul(f).mul(square));
    return n.fma(constant(LN2_HIGH), f.add(tail));
  }

  /** tanh x; 3 ulp. */
  static FloatVector tanh(FloatVector x) {
    FloatVector e = expm1(x.abs().mul(2f));
    return withSign(e.div(e.add(2f)), x);
  }

  /** 1 / (1 + e^-x); 3 ulp. */
  static FloatVector sigmoid(FloatVector x) {
    FloatVector e = exp(x.abs().neg());
    return constant(1f).blend(e, x.lt(0f)).div(e.add(1f));
  }

  /** x sigmoid(x); 3 ulp. */
  static FloatVector silu(FloatVector x) {
    FloatVector e = exp(x.abs().neg());
    return x.blend(x.mul(e), x.lt(0f)).div(e.add(1f));
  }

  /** erf x, given e^(-x^2) and erfcx |x|; 2 ulp. */
  static FloatVector erf(FloatVector x, FloatVector e, FloatVector scaled) {
    FloatVector size = x.abs();
    FloatVector t = x.mul(x);
    FloatVector p = erfSmall(t);
    FloatVector outer = constant(1f).sub(e.mul(scaled));
    return withSign(outer, x).blend(p.fma(x, x), size.lt(1f));
  }

  /** erf(x) / x - 1 for t = x^2 <= 1. */
  private static FloatVector erfSmall(FloatVector t) {
    FloatVector p = constant(-5.6312163e-04f);
    p = p.fma(t, constant(4.917484e-03f));
    p = p.fma(t, constant(-2.6711227e-02f));
    p = p.fma(t, constant(1.1280175e-01f));
    p = p.fma(t, constant(-3.7612325e-01f));
    return p.fma(t, constant(1.2837912e-01f));
  }

  /** ln(1 + e), given e in 0..1 and a correction of its exponent; 3 ulp. */
  static FloatVector log1p(FloatVector rawE, FloatVector low) {
    FloatVector e = rawE.sub(rawE.mul(low));
    // From a rounded sum u, and what its rounding lost.
    FloatVector u = e.add(1f);
    FloatVector lost = e.sub(u.sub(1f));
    VectorMask<Float> upper = u.lt(SQRT_2).not();
    FloatVector n = constant(0f).blend(1f, upper);
    return log1pReduced(u.mul(0.5f, upper).sub(1f), n).add(lost.div(u));
  }

  /** x for x > 0, else p (e^x - 1); 3 ulp. */
  static FloatVector elu(FloatVector x, float p) {
    return expm1(x.min(0f)).mul(p).blend(x, x.compare(VectorOperators.GT, 0f));
  }

  /** -1, 0 or 1; zeros and NaN stay as they are. */
  static FloatVector sign(FloatVector x) {
    return x.blend(withSign(constant(1f), x), x.abs().compare(VectorOperators.GT, 0f));
  }

  private static FloatVector withSign(FloatVector size, FloatVector x) {
    IntVector sign = x.reinterpretAsInts().and(Integer.MIN_VALUE);
    return size.reinterpretAsInts().or(sign).reinterpretAsFloats();
  }

  private static FloatVector constant(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }
}
