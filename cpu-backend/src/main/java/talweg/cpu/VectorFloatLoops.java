package talweg.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import talweg.op.UnaryKind;

/**
 * The unary loops of {@link VectorFloatKernels}: on {@code in[from..]} to {@code out[to..]}, n
 * elements, a multiple of the number of lanes. One loop per kind, without a lambda or an operator
 * variable, through which vectors would become objects.
 */
final class VectorFloatLoops {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final int STEP = FLOATS.length();

  /** 2 sqrt(2 / pi), and that times 0.044715, each in two parts. */
  private static final float GELU_LINEAR = 1.5957692f;

  private static final float GELU_LINEAR_LOW = -4.534068e-08f;
  private static final float GELU_CUBIC = 0.071354814f;
  private static final float GELU_CUBIC_LOW = 2.3988325e-09f;

  private static final float SQRT_HALF = 0.70710677f;

  private final float[] exponential = new float[Blocks.LENGTH];
  private final float[] correction = new float[Blocks.LENGTH];

  /** Whether there is a loop for the kind. */
  static boolean has(UnaryKind kind) {
    return switch (kind) {
      case POW, SIN, COS -> false;
      case EXP, LOG, SQRT, RSQRT, RECIPROCAL, SQUARE, ERF, ABS, SIGN, TANH, SIGMOID, RELU -> true;
      case LEAKY_RELU, ELU, SILU, GELU, GELU_TANH, SOFTPLUS, CLAMP -> true;
    };
  }

  void run(UnaryKind kind, float p, float q, float[] in, int from, float[] out, int to, int n) {
    switch (kind) {
      case EXP -> exp(in, from, out, to, n);
      case LOG -> log(in, from, out, to, n);
      case SQRT -> sqrt(in, from, out, to, n);
      case RSQRT -> rsqrt(in, from, out, to, n);
      case RECIPROCAL -> reciprocal(in, from, out, to, n);
      case SQUARE -> square(in, from, out, to, n);
      case ERF, GELU, GELU_TANH, SOFTPLUS -> inPasses(kind, p, q, in, from, out, to, n);
      case ABS -> abs(in, from, out, to, n);
      case SIGN -> sign(in, from, out, to, n);
      case TANH -> tanh(in, from, out, to, n);
      case SIGMOID -> sigmoid(in, from, out, to, n);
      case RELU -> relu(in, from, out, to, n);
      case LEAKY_RELU -> leakyRelu(p, in, from, out, to, n);
      case ELU -> elu(p, in, from, out, to, n);
      case SILU -> silu(in, from, out, to, n);
      case CLAMP -> clamp(p, q, in, from, out, to, n);
      case POW, SIN, COS -> throw new AssertionError("no loop for " + kind);
    }
  }

  private static void sqrt(float[] in, int from, float[] out, int to, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i);
      x.sqrt().intoArray(out, to + i);
    }
  }

  private static void rsqrt(float[] in, int from, float[] out, int to, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i);
      FloatVector.broadcast(FLOATS, 1f).div(x.sqrt()).intoArray(out, to + i);
    }
  }

  private static void reciprocal(float[] in, int from, float[] out, int to, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i);
      FloatVector.broadcast(FLOATS, 1f).div(x).intoArray(out, to + i);
    }
  }

  private static void square(float[] in, int from, float[] out, int to, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i);
      x.mul(x).intoArray(out, to + i);
    }
  }

  private static void abs(float[] in, int from, float[] out, int to, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i);
      x.abs().intoArray(out, to + i);
    }
  }

  private static void sign(float[] in, int from, float[] out, int to, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i);
      VectorFloatFunctions.sign(x).intoArray(out, to + i);
    }
  }

  private static void relu(float[] in, int from, float[] out, int to, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i);
      x.blend(0f, x.compare(VectorOperators.LE, 0f)).intoArray(out, to + i);
    }
  }

  private static void leakyRelu(float slope, float[] in, int from, float[] out, int to, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i);
      x.mul(slope).blend(x, x.compare(VectorOperators.GT, 0f)).intoArray(out, to + i);
    }
  }

  private static void clamp(
      float low, float high, float[] in, int from, float[] out, int to, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i);
      x.max(low).min(high).intoArray(out, to + i);
    }
  }

  private static void exp(float[] in, int from, float[] out, int to, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i);
      VectorFloatFunctions.exp(x).intoArray(out, to + i);
    }
  }

  private static void log(float[] in, int from, float[] out, int to, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i);
      VectorFloatFunctions.log(x).intoArray(out, to + i);
    }
  }

  private static void tanh(float[] in, int from, float[] out, int to, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i);
      VectorFloatFunctions.tanh(x).intoArray(out, to + i);
    }
  }

  private static void sigmoid(float[] in, int from, float[] out, int to, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i);
      VectorFloatFunctions.sigmoid(x).intoArray(out, to + i);
    }
  }

  private static void silu(float[] in, int from, float[] out, int to, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i);
      VectorFloatFunctions.silu(x).intoArray(out, to + i);
    }
  }

  private static void elu(float p, float[] in, int from, float[] out, int to, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i);
      VectorFloatFunctions.elu(x, p).intoArray(out, to + i);
    }
  }

  static void affine(float scale, float shift, float[] in, int from, float[] out, int to, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i);
      x.mul(scale).add(shift).intoArray(out, to + i);
    }
  }

  /**
   * Kinds that need an exponential and much besides: in one loop they would be too much for the
   * just-in-time compiler, which then leaves vectors as objects, at ten times the cost.
   */
  private void inPasses(
      UnaryKind kind, float p, float q, float[] in, int from, float[] out, int to, int n) {
    float[] e = exponential;
    for (int i = 0; i < n; i += Blocks.LENGTH) {
      int m = Math.min(Blocks.LENGTH, n - i);
      switch (kind) {
        case ERF -> {
          negatedSquares(1f, in, from + i, e, m);
          exp(e, 0, e, 0, m);
          erfcx(1f, in, from + i, correction, m);
          erf(in, from + i, e, correction, out, to + i, m);
        }
        case GELU -> {
          negatedSquares(0.5f, in, from + i, e, m);
          exp(e, 0, e, 0, m);
          erfcx(SQRT_HALF, in, from + i, correction, m);
          gelu(in, from + i, e, correction, out, to + i, m);
        }
        case GELU_TANH -> {
          geluArguments(in, from + i, e, correction, m);
          exp(e, 0, e, 0, m);
          gated(in, from + i, e, correction, out, to + i, m);
        }
        case SOFTPLUS -> {
          softplusArguments(p, in, from + i, e, correction, m);
          exp(e, 0, e, 0, m);
          log1p(e, correction, m);
          softplus(p, q, in, from + i, e, out, to + i, m);
        }
        case EXP, LOG, SQRT, RSQRT, RECIPROCAL, SQUARE, POW, SIN, COS, ABS, SIGN, TANH, SIGMOID ->
            throw new AssertionError(kind);
        case RELU, LEAKY_RELU, ELU, SILU, CLAMP -> throw new AssertionError(kind);
      }
    }
  }

  private static void negatedSquares(float scale, float[] in, int from, float[] out, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i);
      x.mul(scale).mul(x).neg().intoArray(out, i);
    }
  }

  /** Minus the size of p x, and what its rounding lost of the size. */
  private static void softplusArguments(
      float p, float[] in, int from, float[] argument, float[] low, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i).abs();
      FloatVector size = x.mul(Math.abs(p));
      FloatVector factor = FloatVector.broadcast(FLOATS, Math.abs(p));
      size.neg().intoArray(argument, i);
      x.fma(factor, size.neg()).blend(0f, size.lt(128f).not()).intoArray(low, i);
    }
  }

  /**
   * erfc(z) e^(z^2) of z = scale |x|, and as if z were 11 beyond that: times 1 + 2 z it is a
   * polynomial in (z - 2) / (z + 2) (Shepherd and Laframboise, Mathematics of Computation 36,
   * 1981).
   */
  private static void erfcx(float scale, float[] in, int from, float[] out, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector z = FloatVector.fromArray(FLOATS, in, from + i).abs().mul(scale);
      FloatVector bounded = z.min(11f);
      FloatVector q = bounded.sub(2f).div(bounded.add(2f));
      FloatVector p = FloatVector.broadcast(FLOATS, -4.0231753e-04f);
      p = p.fma(q, FloatVector.broadcast(FLOATS, -1.2341678e-03f));
      p = p.fma(q, FloatVector.broadcast(FLOATS, 1.3136431e-03f));
      p = p.fma(q, FloatVector.broadcast(FLOATS, 8.6371405e-03f));
      p = p.fma(q, FloatVector.broadcast(FLOATS, -8.058497e-03f));
      p = p.fma(q, FloatVector.broadcast(FLOATS, -5.4206688e-02f));
      p = p.fma(q, FloatVector.broadcast(FLOATS, 1.6405475e-01f));
      p = p.fma(q, FloatVector.broadcast(FLOATS, -1.6603102e-01f));
      p = p.fma(q, FloatVector.broadcast(FLOATS, -9.276392e-02f));
      p = p.fma(q, FloatVector.broadcast(FLOATS, 1.2769784e+00f));
      p.div(bounded.add(bounded).add(1f)).intoArray(out, i);
    }
  }

  private static void erf(
      float[] in, int from, float[] e, float[] scaled, float[] out, int to, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i);
      FloatVector exponential = FloatVector.fromArray(FLOATS, e, i);
      FloatVector erfcx = FloatVector.fromArray(FLOATS, scaled, i);
      VectorFloatFunctions.erf(x, exponential, erfcx).intoArray(out, to + i);
    }
  }

  /** {@code x erfc(-x / sqrt 2) / 2}, given e^(-x^2 / 2) and erfcx(|x| / sqrt 2). */
  private static void gelu(
      float[] in, int from, float[] e, float[] scaled, float[] out, int to, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i);
      FloatVector half = x.mul(0.5f);
      // What the rounding of the square lost; it matters where e is tiny, but not where it is 0.
      FloatVector low = half.fma(x, half.mul(x).neg()).blend(0f, x.abs().lt(16f).not());
      FloatVector erfcx = FloatVector.fromArray(FLOATS, scaled, i);
      FloatVector upper = FloatVector.fromArray(FLOATS, e, i).mul(erfcx.sub(erfcx.mul(low)));
      // erfc(-z) = 2 - erfc(z).
      FloatVector two = FloatVector.broadcast(FLOATS, 2f);
      half.mul(two.sub(upper).blend(upper, x.lt(0f))).intoArray(out, to + i);
    }
  }

  /**
   * Minus the size of the sigmoid's argument {@code 2 sqrt(2 / pi) (x + 0.044715 x^3)}, and a
   * correction of the size: all that rounding loses, as in arithmetic of twice the precision.
   */
  private static void geluArguments(float[] in, int from, float[] argument, float[] low, int n) {
    FloatVector linear = FloatVector.broadcast(FLOATS, GELU_LINEAR);
    FloatVector cubic = FloatVector.broadcast(FLOATS, GELU_CUBIC);
    // In two loops: the compiler does not inline all operations of one.
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i).abs().min(20f);
      FloatVector square = x.mul(x);
      FloatVector lost = square.fma(cubic, square.mul(cubic).neg());
      lost = lost.add(x.fma(x, square.neg()).mul(cubic));
      lost.add(square.mul(GELU_CUBIC_LOW).add(GELU_LINEAR_LOW)).intoArray(low, i);
    }
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i).abs().min(20f);
      FloatVector product = x.mul(x).mul(cubic);
      FloatVector factor = product.add(linear);
      FloatVector size = x.mul(factor);
      size.neg().intoArray(argument, i);
      FloatVector added = factor.sub(linear);
      FloatVector lost = linear.sub(factor.sub(added)).add(product.sub(added));
      lost = lost.add(FloatVector.fromArray(FLOATS, low, i));
      x.fma(factor, size.neg()).add(x.mul(lost)).intoArray(low, i);
    }
  }

  /**
   * x times a sigmoid, given {@code e^-size} of the sigmoid's argument and the size's correction.
   */
  private static void gated(
      float[] in, int from, float[] e, float[] low, float[] out, int to, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i);
      FloatVector raw = FloatVector.fromArray(FLOATS, e, i);
      // e^-(size + low) = e^-size (1 - low), up to low^2.
      FloatVector corrected = raw.sub(raw.mul(FloatVector.fromArray(FLOATS, low, i)));
      FloatVector product = x.blend(x.mul(corrected), x.lt(0f));
      product.div(corrected.add(1f)).intoArray(out, to + i);
    }
  }

  private static void log1p(float[] e, float[] low, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, e, i);
      VectorFloatFunctions.log1p(x, FloatVector.fromArray(FLOATS, low, i)).intoArray(e, i);
    }
  }

  /** {@code (max(p x, 0) + ln(1 + e^-|p x|)) / p}, given the logarithm; x itself where p x > q. */
  private static void softplus(
      float p, float q, float[] in, int from, float[] log, float[] out, int to, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i);
      FloatVector y = x.mul(p);
      FloatVector smooth = y.max(0f).add(FloatVector.fromArray(FLOATS, log, i)).div(p);
      smooth.blend(x, y.compare(VectorOperators.GT, q)).intoArray(out, to + i);
    }
  }
}
