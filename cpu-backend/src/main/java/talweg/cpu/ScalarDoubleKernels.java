package talweg.cpu;

import talweg.op.BinaryKind;
import talweg.op.FusedActivation;
import talweg.op.ReduceKind;
import talweg.op.UnaryKind;

/**
 * The Double half of the scalar kernels: plain loops, one per kind, which the just-in-time compiler
 * vectorises.
 *
 * <p>It does so only if all arrays are indexed alike. So each loop exists once, for runs that begin
 * at one index in all arrays, and other runs are copied through blocks that stay in the innermost
 * cache.
 */
final class ScalarDoubleKernels implements Kernels<double[]> {
  private final double[] left = new double[Blocks.LENGTH];
  private final double[] right = new double[Blocks.LENGTH];

  @Override
  public void unary(
      UnaryKind kind, double p, double q, double[] x, int xo, double[] out, int oo, int n) {
    if (xo == oo) {
      unary(kind, p, q, x, out, oo, oo + n);
      return;
    }
    for (int i = 0; i < n; i += Blocks.LENGTH) {
      int m = Math.min(Blocks.LENGTH, n - i);
      System.arraycopy(x, xo + i, left, 0, m);
      unary(kind, p, q, left, left, 0, m);
      System.arraycopy(left, 0, out, oo + i, m);
    }
  }

  private static void unary(
      UnaryKind kind, double p, double q, double[] x, double[] out, int from, int to) {
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

  private static void sqrt(double[] x, double[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = Math.sqrt(x[i]);
    }
  }

  private static void rsqrt(double[] x, double[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = 1 / Math.sqrt(x[i]);
    }
  }

  private static void reciprocal(double[] x, double[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = 1 / x[i];
    }
  }

  private static void square(double[] x, double[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = x[i] * x[i];
    }
  }

  private static void abs(double[] x, double[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = Math.abs(x[i]);
    }
  }

  private static void sign(double[] x, double[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = Math.signum(x[i]);
    }
  }

  private static void relu(double[] x, double[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = Math.max(x[i], 0.0);
    }
  }

  /** Without a branch, which random signs would make expensive; one of the summands is 0. */
  private static void leakyRelu(double slope, double[] x, double[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = Math.max(x[i], 0.0) + slope * Math.min(x[i], 0.0);
    }
  }

  private static void clamp(double low, double high, double[] x, double[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = Math.min(Math.max(x[i], low), high);
    }
  }

  private static void function(
      UnaryKind kind, double p, double q, double[] x, double[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = Functions.apply(kind, p, q, x[i]);
    }
  }

  @Override
  public void affine(double scale, double shift, double[] x, int xo, double[] out, int oo, int n) {
    if (xo == oo) {
      affine(scale, shift, x, out, oo, oo + n);
      return;
    }
    for (int i = 0; i < n; i += Blocks.LENGTH) {
      int m = Math.min(Blocks.LENGTH, n - i);
      System.arraycopy(x, xo + i, left, 0, m);
      affine(scale, shift, left, left, 0, m);
      System.arraycopy(left, 0, out, oo + i, m);
    }
  }

  private static void affine(
      double scale, double shift, double[] x, double[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = scale * x[i] + shift;
    }
  }

  @Override
  public void binary(
      BinaryKind kind, double[] x, int xo, double[] y, int yo, double[] out, int oo, int n) {
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

  private static void binary(
      BinaryKind kind, double[] x, double[] y, double[] out, int from, int to) {
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

  private static void add(double[] x, double[] y, double[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = x[i] + y[i];
    }
  }

  private static void sub(double[] x, double[] y, double[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = x[i] - y[i];
    }
  }

  private static void mul(double[] x, double[] y, double[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = x[i] * y[i];
    }
  }

  private static void div(double[] x, double[] y, double[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = x[i] / y[i];
    }
  }

  private static void pow(double[] x, double[] y, double[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = Math.pow(x[i], y[i]);
    }
  }

  private static void maximum(double[] x, double[] y, double[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = Math.max(x[i], y[i]);
    }
  }

  private static void minimum(double[] x, double[] y, double[] out, int from, int to) {
    for (int i = from; i < to; i++) {
      out[i] = Math.min(x[i], y[i]);
    }
  }

  @Override
  public void compare(
      BinaryKind kind, double[] x, int xo, double[] y, int yo, byte[] out, int oo, int n) {
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

  private static void equal(double[] x, int xo, double[] y, int yo, byte[] out, int oo, int n) {
    for (int i = 0; i < n; i++) {
      out[oo + i] = (byte) (x[xo + i] == y[yo + i] ? 1 : 0);
    }
  }

  private static void notEqual(double[] x, int xo, double[] y, int yo, byte[] out, int oo, int n) {
    for (int i = 0; i < n; i++) {
      out[oo + i] = (byte) (x[xo + i] != y[yo + i] ? 1 : 0);
    }
  }

  private static void less(double[] x, int xo, double[] y, int yo, byte[] out, int oo, int n) {
    for (int i = 0; i < n; i++) {
      out[oo + i] = (byte) (x[xo + i] < y[yo + i] ? 1 : 0);
    }
  }

  private static void lessOrEqual(
      double[] x, int xo, double[] y, int yo, byte[] out, int oo, int n) {
    for (int i = 0; i < n; i++) {
      out[oo + i] = (byte) (x[xo + i] <= y[yo + i] ? 1 : 0);
    }
  }

  @Override
  public void activationGradient(
      FusedActivation kind, double[] y, int yo, double[] g, int go, double[] out, int oo, int n) {
    ActivationGradients.apply(kind, y, yo, g, go, out, oo, n);
  }

  @Override
  public void add(double[] x, int xo, int xs, double[] out, int oo, int os, int n) {
    if (xs == 1 && os == 1) {
      binary(BinaryKind.ADD, out, oo, x, xo, out, oo, n);
      return;
    }
    for (int i = 0; i < n; i++) {
      out[oo + i * os] += x[xo + i * xs];
    }
  }

  /** Compensated: what an addition rounds off (Knuth's two-sum) is added up beside the sum. */
  @Override
  public void sum(double[] x, int xo, int n, double[] sum, double[] lost, int at) {
    double s = sum[at];
    double c = lost[at];
    for (int i = xo; i < xo + n; i++) {
      double next = s + x[i];
      double added = next - s;
      c += (s - (next - added)) + (x[i] - added);
      s = next;
    }
    sum[at] = s;
    lost[at] = c;
  }

  @Override
  public void sumEach(double[] x, int xo, int n, double[] sum, double[] lost) {
    for (int i = 0; i < n; i++) {
      double next = sum[i] + x[xo + i];
      double added = next - sum[i];
      lost[i] += (sum[i] - (next - added)) + (x[xo + i] - added);
      sum[i] = next;
    }
  }

  @Override
  public void extreme(ReduceKind kind, double[] x, int xo, int n, double[] best, int at) {
    best[at] = kind == ReduceKind.MAX ? max(x, xo, n, best[at]) : min(x, xo, n, best[at]);
  }

  /** In four chains, which do not wait for one another. */
  private static double max(double[] x, int xo, int n, double start) {
    double m0 = start;
    double m1 = start;
    double m2 = start;
    double m3 = start;
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

  private static double min(double[] x, int xo, int n, double start) {
    double m0 = start;
    double m1 = start;
    double m2 = start;
    double m3 = start;
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
  public int position(ReduceKind kind, double[] x, int xo, int xs, int n) {
    boolean largest = kind == ReduceKind.ARGMAX;
    int position = 0;
    for (int i = 0; i < n; i++) {
      double value = x[xo + i * xs];
      double best = x[xo + position * xs];
      if (Double.isNaN(value)) {
        return i;
      }
      if (largest ? value > best : value < best) {
        position = i;
      }
    }
    return position;
  }

  @Override
  public void windowMaxima(WindowPlaces windows, double[] x, int xo, double[] out, int oo) {
    WindowMaxima.of(windows, x, xo, out, oo);
  }

  @Override
  public void windowMaximaGradient(
      WindowPlaces windows,
      double[] x,
      int xo,
      double[] y,
      int yo,
      double[] g,
      int go,
      double[] dx,
      int dxo) {
    WindowMaxima.gradient(windows, x, xo, y, yo, g, go, dx, dxo);
  }
}
