package talweg.cpu;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import talweg.op.BinaryKind;
import talweg.op.FusedActivation;
import talweg.op.ReduceKind;
import talweg.op.UnaryKind;

/**
 * The kernels for F32 on the Vector API. What is left of a run after the last whole vector goes
 * through the same loop in padded working memory, so that an element's result does not depend on
 * its place in a run. Kernels that would gain nothing are the scalar ones.
 */
final class VectorFloatKernels implements Kernels<float[]> {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final int STEP = FLOATS.length();
  private static final VectorSpecies<Double> DOUBLES = Lanes.DOUBLES;
  private static final VectorSpecies<Float> NARROW = Lanes.NARROW_FLOATS;
  private static final int HALF = DOUBLES.length();

  private final int[] winners = new int[VectorWindowMaxima.STEP];
  private final ScalarFloatKernels scalar = new ScalarFloatKernels();
  private final VectorFloatLoops loops = new VectorFloatLoops();
  private final float[] left = new float[STEP];
  private final float[] right = new float[STEP];

  @Override
  public void unary(
      UnaryKind kind, double p, double q, float[] x, int xo, float[] out, int oo, int n) {
    if (!VectorFloatLoops.has(kind)) {
      scalar.unary(kind, p, q, x, xo, out, oo, n);
      return;
    }
    int whole = FLOATS.loopBound(n);
    loops.run(kind, (float) p, (float) q, x, xo, out, oo, whole);
    if (whole < n) {
      System.arraycopy(x, xo + whole, left, 0, n - whole);
      loops.run(kind, (float) p, (float) q, left, 0, left, 0, STEP);
      System.arraycopy(left, 0, out, oo + whole, n - whole);
    }
  }

  @Override
  public void affine(double scale, double shift, float[] x, int xo, float[] out, int oo, int n) {
    int whole = FLOATS.loopBound(n);
    VectorFloatLoops.affine((float) scale, (float) shift, x, xo, out, oo, whole);
    for (int i = whole; i < n; i++) {
      out[oo + i] = (float) scale * x[xo + i] + (float) shift;
    }
  }

  @Override
  public void binary(
      BinaryKind kind, float[] x, int xo, float[] y, int yo, float[] out, int oo, int n) {
    if (kind == BinaryKind.POW) {
      scalar.binary(kind, x, xo, y, yo, out, oo, n);
      return;
    }
    int whole = FLOATS.loopBound(n);
    pairs(kind, x, xo, y, yo, out, oo, whole);
    if (whole < n) {
      System.arraycopy(x, xo + whole, left, 0, n - whole);
      System.arraycopy(y, yo + whole, right, 0, n - whole);
      pairs(kind, left, 0, right, 0, left, 0, STEP);
      System.arraycopy(left, 0, out, oo + whole, n - whole);
    }
  }

  private static void pairs(
      BinaryKind kind, float[] x, int xo, float[] y, int yo, float[] out, int oo, int n) {
    switch (kind) {
      case ADD -> add(x, xo, y, yo, out, oo, n);
      case SUB -> sub(x, xo, y, yo, out, oo, n);
      case MUL -> mul(x, xo, y, yo, out, oo, n);
      case DIV -> div(x, xo, y, yo, out, oo, n);
      case MAXIMUM -> maximum(x, xo, y, yo, out, oo, n);
      case MINIMUM -> minimum(x, xo, y, yo, out, oo, n);
      case POW, EQ, NE, LT, LE, GT, GE -> throw new AssertionError("no loop for " + kind);
    }
  }

  private static void add(float[] a, int ao, float[] b, int bo, float[] out, int oo, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, a, ao + i);
      FloatVector y = FloatVector.fromArray(FLOATS, b, bo + i);
      x.add(y).intoArray(out, oo + i);
    }
  }

  private static void sub(float[] a, int ao, float[] b, int bo, float[] out, int oo, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, a, ao + i);
      FloatVector y = FloatVector.fromArray(FLOATS, b, bo + i);
      x.sub(y).intoArray(out, oo + i);
    }
  }

  private static void mul(float[] a, int ao, float[] b, int bo, float[] out, int oo, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, a, ao + i);
      FloatVector y = FloatVector.fromArray(FLOATS, b, bo + i);
      x.mul(y).intoArray(out, oo + i);
    }
  }

  private static void div(float[] a, int ao, float[] b, int bo, float[] out, int oo, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, a, ao + i);
      FloatVector y = FloatVector.fromArray(FLOATS, b, bo + i);
      x.div(y).intoArray(out, oo + i);
    }
  }

  private static void maximum(float[] a, int ao, float[] b, int bo, float[] out, int oo, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, a, ao + i);
      FloatVector y = FloatVector.fromArray(FLOATS, b, bo + i);
      x.max(y).intoArray(out, oo + i);
    }
  }

  private static void minimum(float[] a, int ao, float[] b, int bo, float[] out, int oo, int n) {
    for (int i = 0; i < n; i += STEP) {
      FloatVector x = FloatVector.fromArray(FLOATS, a, ao + i);
      FloatVector y = FloatVector.fromArray(FLOATS, b, bo + i);
      x.min(y).intoArray(out, oo + i);
    }
  }

  @Override
  public void compare(
      BinaryKind kind, float[] x, int xo, float[] y, int yo, byte[] out, int oo, int n) {
    scalar.compare(kind, x, xo, y, yo, out, oo, n);
  }

  @Override
  public void activationGradient(
      FusedActivation kind, float[] y, int yo, float[] g, int go, float[] out, int oo, int n) {
    VectorActivationGradients.apply(kind, y, yo, g, go, out, oo, n);
  }

  @Override
  public void add(float[] x, int xo, int xs, float[] out, int oo, int os, int n) {
    if (xs == 1 && os == 1) {
      binary(BinaryKind.ADD, out, oo, x, xo, out, oo, n);
    } else {
      scalar.add(x, xo, xs, out, oo, os, n);
    }
  }

  /** In double, in four vectors, which do not wait for one another. */
  @Override
  public void sum(float[] x, int xo, int n, double[] sum, double[] lost, int at) {
    DoubleVector s0 = DoubleVector.zero(DOUBLES);
    DoubleVector s1 = DoubleVector.zero(DOUBLES);
    DoubleVector s2 = DoubleVector.zero(DOUBLES);
    DoubleVector s3 = DoubleVector.zero(DOUBLES);
    int i = xo;
    int end = xo + n;
    for (; i <= end - 4 * HALF; i += 4 * HALF) {
      s0 = s0.add(widened(x, i));
      s1 = s1.add(widened(x, i + HALF));
      s2 = s2.add(widened(x, i + 2 * HALF));
      s3 = s3.add(widened(x, i + 3 * HALF));
    }
    double rest = 0;
    for (; i < end; i++) {
      rest += x[i];
    }
    double[] lanes = new double[HALF];
    s0.add(s1).add(s2.add(s3)).intoArray(lanes, 0);
    sum[at] += LaneSum.of(lanes) + rest;
  }

  private static DoubleVector widened(float[] x, int at) {
    FloatVector floats = FloatVector.fromArray(NARROW, x, at);
    return (DoubleVector) floats.convertShape(VectorOperators.F2D, DOUBLES, 0);
  }

  @Override
  public void sumEach(float[] x, int xo, int n, double[] sum, double[] lost) {
    int i = 0;
    for (; i <= n - HALF; i += HALF) {
      DoubleVector.fromArray(DOUBLES, sum, i).add(widened(x, xo + i)).intoArray(sum, i);
    }
    for (; i < n; i++) {
      sum[i] += x[xo + i];
    }
  }

  @Override
  public void extreme(ReduceKind kind, float[] x, int xo, int n, float[] best, int at) {
    int whole = FLOATS.loopBound(n);
    if (whole > 0) {
      best[at] =
          kind == ReduceKind.MAX
              ? Math.max(best[at], max(x, xo, whole))
              : Math.min(best[at], min(x, xo, whole));
    }
    scalar.extreme(kind, x, xo + whole, n - whole, best, at);
  }

  private static float max(float[] x, int xo, int n) {
    FloatVector m0 = FloatVector.fromArray(FLOATS, x, xo);
    FloatVector m1 = m0;
    int i = xo;
    int end = xo + n;
    for (; i <= end - 2 * STEP; i += 2 * STEP) {
      m0 = m0.max(FloatVector.fromArray(FLOATS, x, i));
      m1 = m1.max(FloatVector.fromArray(FLOATS, x, i + STEP));
    }
    FloatVector last = FloatVector.fromArray(FLOATS, x, end - STEP);
    return m0.max(m1).max(last).reduceLanes(VectorOperators.MAX);
  }

  private static float min(float[] x, int xo, int n) {
    FloatVector m0 = FloatVector.fromArray(FLOATS, x, xo);
    FloatVector m1 = m0;
    int i = xo;
    int end = xo + n;
    for (; i <= end - 2 * STEP; i += 2 * STEP) {
      m0 = m0.min(FloatVector.fromArray(FLOATS, x, i));
      m1 = m1.min(FloatVector.fromArray(FLOATS, x, i + STEP));
    }
    FloatVector last = FloatVector.fromArray(FLOATS, x, end - STEP);
    return m0.min(m1).min(last).reduceLanes(VectorOperators.MIN);
  }

  @Override
  public int position(ReduceKind kind, float[] x, int xo, int xs, int n) {
    return scalar.position(kind, x, xo, xs, n);
  }

  @Override
  public void windowMaxima(WindowPlaces windows, float[] x, int xo, float[] out, int oo) {
    VectorWindowMaxima.of(windows, x, xo, out, oo);
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
    VectorWindowMaxima.gradient(windows, x, xo, y, yo, g, go, dx, dxo, winners);
  }
}
