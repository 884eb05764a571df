package talweg.cpu;

import talweg.op.BinaryKind;
import talweg.op.FusedActivation;
import talweg.op.ReduceKind;
import talweg.op.UnaryKind;

/**
 * The Float half of the scalar kernels: plain loops, one per kind, which the just-in-time compiler
 * vectorises.
 *
 * <p>It does so only if all arrays are indexed alike. So each loop exists once, for runs that begin
 * at one index in all arrays, and other runs are copied through blocks that stay in the innermost
 * cache.
 */
final class ScalarFloatKernels implements Kernels<float[]> {
  private final float[] left = new float[Blocks.LENGTH];
  private final float[] right = new float[Blocks.LENGTH];

  @Override
  public void unary(
      UnaryKind kind, double p, double q, float[] x, int xo, float[] out, int oo, int n) {
    if (xo == oo) {
      unary(kind, (float) p, (float) q, x, out, oo, oo + n);
      return;
    }
    for (int i = 0; i < n; i += Blocks.LENGTH) {
      int m = Math.min(Blocks.LENGTH, n - i);
      System.arraycopy(x, xo + i, left, 0, m);
      unary(kind, (float) p, (float) q, left, left, 0, m);
      System.arraycopy(left, 0, out, oo + i, m);
    }
  }

  private static void unary(
      UnaryKind kind, float p, float q, float[] x, float[] out, int from, int to) {
    switch (kind) {
      case SQRT -> sqrt(x, out, from, to);
      case RSQRT -> rsqrt(x, out, from, to);
      case RECIPROCAL -> reciprocal(x, out, from, to);
      case SQUARE -> square(x, out, from, to);
      case ABS -> abs(x, out, from, to);
      case SIGN -> sign(x, out, from, to);
      case RELU -> relu(x, out, from, to);
      case LEAKY_RELU -> leakyRelu(p, x, out, from, to);
      case CLAMP -> clamp(p, q, x, out, from, to);
      case EXP, LOG, POW, SIN, COS, ERF, TANH, SIGMOID, ELU, SILU, GELU, GELU_TANH, SOFTPLUS ->
          function(kind, p, q, x, out, from, to);
    }
  }

  private static void sqrt(float[] x, float[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = (float) Math.sqrt(x[i]);
    }
  }

  private static void rsqrt(float[] x, float[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = (float) (1 / Math.sqrt(x[i]));
    }
  }

  private static void reciprocal(float[] x, float[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = 1 / x[i];
    }
  }

  private static void square(float[] x, float[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = x[i] * x[i];
    }
  }

  private static void abs(float[] x, float[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = Math.abs(x[i]);
    }
  }

  private static void sign(float[] x, float[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = Math.signum(x[i]);
    }
  }

  private static void relu(float[] x, float[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = Math.max(x[i], 0f);
    }
  }

  /** Without a branch, which random signs would make expensive; one of the summands is 0. */
  private static void leakyRelu(float slope, float[] x, float[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = Math.max(x[i], 0f) + slope * Math.min(x[i], 0f);
    }
  }

  private static void clamp(float low, float high, float[] x, float[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = Math.min(Math.max(x[i], low), high);
    }
  }

  private static void function(
      UnaryKind kind, float p, float q, float[] x, float[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = (float) Functions.apply(kind, p, q, x[i]);
    }
  }

  @Override
  public void affine(double scale, double shift, float[] x, int xo, float[] out, int oo, int n) {
    if (xo == oo) {
      affine((float) scale, (float) shift, x, out, oo, oo + n);
      return;
    }
    for (int i = 0; i < n; i += Blocks.LENGTH) {
      int m = Math.min(Blocks.LENGTH, n - i);
      System.arraycopy(x, xo + i, left, 0, m);
      affine((float) scale, (float) shift, left, left, 0, m);
      System.arraycopy(left, 0, out, oo + i, m);
    }
  }

  private static void affine(float scale, float shift, float[] x, float[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = scale * x[i] + shift;
    }
  }

  @Override
  public void binary(
      BinaryKind kind, float[] x, int xo, float[] y, int yo, float[] out, int oo, int n) {
    if (xo == oo && yo == oo) {
      binary(kind, x, y, out, oo, oo + n);
      return;
    }
    for (int i = 0; i < n; i += Blocks.LENGTH) {
      int m = Math.min(Blocks.LENGTH, n - i);
      System.arraycopy(x, xo + i, left, 0, m);
      System.arraycopy(y, yo + i, right, 0, m);
      binary(kind, left, right, left, 0, m);
      System.arraycopy(left, 0, out, oo + i, m);
    }
  }

  private static void binary(BinaryKind kind, float[] x, float[] y, float[] out, int from, int to) {
    switch (kind) {
      case ADD -> add(x, y, out, from, to);
      case SUB -> sub(x, y, out, from, to);
      case MUL -> mul(x, y, out, from, to);
      case DIV -> div(x, y, out, from, to);
      case POW -> pow(x, y, out, from, to);
      case MAXIMUM -> maximum(x, y, out, from, to);
      case MINIMUM -> minimum(x, y, out, from, to);
      case EQ, NE, LT, LE, GT, GE -> throw new AssertionError(kind + " is a comparison");
    }
  }

  private static void add(float[] x, float[] y, float[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = x[i] + y[i];
    }
  }

  private static void sub(float[] x, float[] y, float[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = x[i] - y[i];
    }
  }

  private static void mul(float[] x, float[] y, float[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = x[i] * y[i];
    }
  }

  private static void div(float[] x, float[] y, float[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = x[i] / y[i];
    }
  }

  private static void pow(float[] x, float[] y, float[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = (float) Math.pow(x[i], y[i]);
    }
  }

  private static void maximum(float[] x, float[] y, float[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = Math.max(x[i], y[i]);
    }
  }

  private static void minimum(float[] x, float[] y, float[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = Math.min(x[i], y[i]);
    }
  }

  @Override
  public void compare(
      BinaryKind kind, float[] x, int xo, float[] y, int yo, byte[] out, int oo, int n) {
    switch (kind) {
      case EQ -> equal(x, xo, y, yo, out, oo, n);
      case NE -> notEqual(x, xo, y, yo, out, oo, n);
      case LT -> less(x, xo, y, yo, out, oo, n);
      case LE -> lessOrEqual(x, xo, y, yo, out, oo, n);
      case GT -> less(y, yo, x, xo, out, oo, n);
      case GE -> lessOrEqual(y, yo, x, xo, out, oo, n);
      case ADD, SUB, MUL, DIV, POW, MAXIMUM, MINIMUM ->
          throw new AssertionError(kind + " is not a comparison");
    }
  }

  private static void equal(float[] x, int xo, float[] y, int yo, byte[] out, int oo, int n) {
    for (int i = 0; i < n; i++) {
      out[oo + i] = (byte) (x[xo + i] == y[yo + i] ? 1 : 0);
    }
  }

  private static void notEqual(float[] x, int xo, float[] y, int yo, byte[] out, int oo, int n) {
    for (int i = 0; i < n; i++) {
      out[oo + i] = (byte) (x[xo + i] != y[yo + i] ? 1 : 0);
    }
  }

  private static void less(float[] x, int xo, float[] y, int yo, byte[] out, int oo, int n) {
    for (int i = 0; i < n; i++) {
      out[oo + i] = (byte) (x[xo + i] < y[yo + i] ? 1 : 0);
    }
  }

  private static void lessOrEqual(float[] x, int xo, float[] y, int yo, byte[] out, int oo, int n) {
    for (int i = 0; i < n; i++) {
      out[oo + i] = (byte) (x[xo + i] <= y[yo + i] ? 1 : 0);
    }
  }

  @Override
  public void activationGradient(
      FusedActivation kind, float[] y, int yo, float[] g, int go, float[] out, int oo, int n) {
    ActivationGradients.apply(kind, y, yo, g, go, out, oo, n);
  }

  @Override
  public void add(float[] x, int xo, int xs, float[] out, int oo, int os, int n) {
    if (xs == 1 && os == 1) {
      binary(BinaryKind.ADD, out, oo, x, xo, out, oo, n);
      return;
    }
    for (int i = 0; i < n; i++) {
      out[oo + i * os] += x[xo + i * xs];
    }
  }

  /**
   * In double, which loses nothing worth keeping; in four chains, which do not wait for one
   * another.
   */
  @Override
  public void sum(float[] x, int xo, int n, double[] sum, double[] lost, int at) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = xo;
    int end = xo + n;
    for (; i + 8 <= end; i += 8) {
      s0 += (double) x[i] + x[i + 4];
      s1 += (double) x[i + 1] + x[i + 5];
      s2 += (double) x[i + 2] + x[i + 6];
      s3 += (double) x[i + 3] + x[i + 7];
    }
    for (; i < end; i++) {
      s0 += x[i];
    }
    sum[at] += (s0 + s1) + (s2 + s3);
  }

  @Override
  public void sumEach(float[] x, int xo, int n, double[] sum, double[] lost) {
    for (int i = 0; i < n; i++) {
      sum[i] += x[xo + i];
    }
  }

  @Override
  public void extreme(ReduceKind kind, float[] x, int xo, int n, float[] best, int at) {
    best[at] = kind == ReduceKind.MAX ? max(x, xo, n, best[at]) : min(x, xo, n, best[at]);
  }

  /** In four chains, which do not wait for one another. */
  private static float max(float[] x, int xo, int n, float start) {
    float m0 = start;
    float m1 = start;
    float m2 = start;
    float m3 = start;
    int i = xo;
    int end = xo + n;
    for (; i + 4 <= end; i += 4) {
      m0 = Math.max(m0, x[i]);
      m1 = Math.max(m1, x[i + 1]);
      m2 = Math.max(m2, x[i + 2]);
      m3 = Math.max(m3, x[i + 3]);
    }
    for (; i < end; i++) {
      m0 = Math.max(m0, x[i]);
    }
    return Math.max(Math.max(m0, m1), Math.max(m2, m3));
  }

  private static float min(float[] x, int xo, int n, float start) {
    float m0 = start;
    float m1 = start;
    float m2 = start;
    float m3 = start;
    int i = xo;
    int end = xo + n;
    for (; i + 4 <= end; i += 4) {
      m0 = Math.min(m0, x[i]);
      m1 = Math.min(m1, x[i + 1]);
      m2 = Math.min(m2, x[i + 2]);
      m3 = Math.min(m3, x[i + 3]);
    }
    for (; i < end; i++) {
      m0 = Math.min(m0, x[i]);
    }
    return Math.min(Math.min(m0, m1), Math.min(m2, m3));
  }

  @Override
  public int position(ReduceKind kind, float[] x, int xo, int xs, int n) {
    boolean largest = kind == ReduceKind.ARGMAX;
    int position = 0;
    for (int i = 0; i < n; i++) {
      float value = x[xo + i * xs];
      float best = x[xo + position * xs];
      if (Float.isNaN(value)) {
        return i;
      }
      if (largest ? value > best : value < best) {
        position = i;
      }
    }
    return position;
  }

  @Override
  public void windowMaxima(WindowPlaces windows, float[] x, int xo, float[] out, int oo) {
    WindowMaxima.of(windows, x, xo, out, oo);
  }

  @Override
  public void windowMaximaGradient(
      WindowPlaces windows,
      float[] x,
      int xo,
      float[] y,
      int yo,
      float[] g,
      int go,
      float[] dx,
      int dxo) {
    WindowMaxima.gradient(windows, x, xo, y, yo, g, go, dx, dxo);
  }
}
