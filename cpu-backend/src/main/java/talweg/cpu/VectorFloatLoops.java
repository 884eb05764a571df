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
          erf(in, from + i, e, out, to + i, m);
        }
        case GELU -> {
          negatedSquares(0.5f, in, from + i, e, m);
          exp(e, 0, e, 0, m);
          gelu(in, from + i, e, out, to + i, m);
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

  private static void erf(float[] in, int from, float[] e, float[] out, int to, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i);
      VectorFloatFunctions.erf(x, FloatVector.fromArray(FLOATS, e, i)).intoArray(out, to + i);
    }
  }

  private static void gelu(float[] in, int from, float[] e, float[] out, int to, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i);
      VectorFloatFunctions.gelu(x, FloatVector.fromArray(FLOATS, e, i)).intoArray(out, to + i);
    }
  }

  /** Minus the size of the sigmoid's argument, and a correction of the size. */
  private static void geluArguments(float[] in, int from, float[] argument, float[] low, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i).abs().min(20f);
      FloatVector square = x.mul(x);
      FloatVector factor = VectorFloatFunctions.geluFactor(square);
      FloatVector factorLow = VectorFloatFunctions.geluFactorLow(x, square);
      FloatVector size = x.mul(factor);
      size.neg().intoArray(argument, i);
      x.fma(factor, size.neg()).add(x.mul(factorLow)).intoArray(low, i);
    }
  }

  private static void gated(
      float[] in, int from, float[] e, float[] low, float[] out, int to, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, in, from + i);
      FloatVector exponential = FloatVector.fromArray(FLOATS, e, i);
      FloatVector correction = FloatVector.fromArray(FLOATS, low, i);
      VectorFloatFunctions.gated(x, exponential, correction).intoArray(out, to + i);
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
