package talweg.cpu;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The optimizer updates for F32 on the Vector API, in one pass. Products and sums are rounded one
 * by one, as in the scalar loops, which do what is left after the last whole vector: so both give
 * the same bits.
 */
final class VectorFloatUpdates implements UpdateKernels<float[]> {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final int STEP = FLOATS.length();
  private static final VectorSpecies<Double> DOUBLES = Lanes.DOUBLES;
  private static final VectorSpecies<Float> NARROW = Lanes.NARROW_FLOATS;
  private static final int HALF = DOUBLES.length();

  private final ScalarFloatUpdates scalar = new ScalarFloatUpdates();

  @Override
  public double sumOfSquares(float[] x, int xo, int n) {
    DoubleVector s0 = DoubleVector.zero(DOUBLES);
    DoubleVector s1 = DoubleVector.zero(DOUBLES);
    DoubleVector s2 = DoubleVector.zero(DOUBLES);
    DoubleVector s3 = DoubleVector.zero(DOUBLES);
    int i = xo;
    int end = xo + n;
    for (; i <= end - 4 * HALF; i += 4 * HALF) {
      // A product of two floats is exact in double.
      s0 = s0.add(square(x, i));
      s1 = s1.add(square(x, i + HALF));
      s2 = s2.add(square(x, i + 2 * HALF));
      s3 = s3.add(square(x, i + 3 * HALF));
    }
    double[] lanes = new double[HALF];
    s0.add(s1).add(s2.add(s3)).intoArray(lanes, 0);
    return LaneSum.of(lanes) + scalar.sumOfSquares(x, i, end - i);
  }

  private static DoubleVector square(float[] x, int at) {
    FloatVector floats = FloatVector.fromArray(NARROW, x, at);
    DoubleVector wide = (DoubleVector) floats.convertShape(VectorOperators.F2D, DOUBLES, 0);
    return wide.mul(wide);
  }

  @Override
  public void adam(
      AdamFactors factors,
      float[] w,
      float[] g,
      float[] m,
      float[] v,
      float[] vMax,
      int from,
      int to) {
    int end = from + FLOATS.loopBound(to - from);
    if (vMax == null) {
      adam(factors, w, g, m, v, from, end);
      if (end < to) {
        adamTail(factors, w, g, m, v, end, to);
      }
    } else {
      amsGrad(factors, w, g, m, v, vMax, from, end);
      scalar.adam(factors, w, g, m, v, vMax, end, to);
    }
  }

  private static void adam(
      AdamFactors factors, float[] w, float[] g, float[] m, float[] v, int from, int to) {
    float clip = (float) factors.clip();
    float keep1 = (float) factors.beta1();
    float take1 = (float) (1 - factors.beta1());
    float keep2 = (float) factors.beta2();
    float take2 = (float) (1 - factors.beta2());
    for (int i = from; i < to; i += STEP) {
      FloatVector weight = FloatVector.fromArray(FLOATS, w, i);
      FloatVector scaled = FloatVector.fromArray(FLOATS, g, i).mul((float) factors.gradScale());
      FloatVector grad = scaled.max(-clip).min(clip).add(weight.mul((float) factors.l2()));
      FloatVector first = FloatVector.fromArray(FLOATS, m, i).mul(keep1).add(grad.mul(take1));
      FloatVector squared = grad.mul(grad).mul(take2);
      FloatVector second = FloatVector.fromArray(FLOATS, v, i).mul(keep2).add(squared);
      first.intoArray(m, i);
      second.intoArray(v, i);
      FloatVector root = second.sqrt().mul((float) factors.rootScale());
      FloatVector step = first.mul((float) factors.stepSize()).div(root.add((float) factors.eps()));
      weight.mul((float) factors.shrink()).sub(step).intoArray(w, i);
    }
  }

  /**
   * What is left after the last whole vector, {@link #adam} once more with a mask: of a thousand
   * small parameters the scalar loop would take a fifth of the time.
   */
  private static void adamTail(
      AdamFactors factors, float[] w, float[] g, float[] m, float[] v, int i, int to) {
    VectorMask<Float> rest = FLOATS.indexInRange(i, to);
    float clip = (float) factors.clip();
    float take1 = (float) (1 - factors.beta1());
    float take2 = (float) (1 - factors.beta2());
    FloatVector weight = FloatVector.fromArray(FLOATS, w, i, rest);
    FloatVector scaled = FloatVector.fromArray(FLOATS, g, i, rest).mul((float) factors.gradScale());
    FloatVector grad = scaled.max(-clip).min(clip).add(weight.mul((float) factors.l2()));
    FloatVector moment = FloatVector.fromArray(FLOATS, m, i, rest).mul((float) factors.beta1());
    FloatVector first = moment.add(grad.mul(take1));
    FloatVector square = FloatVector.fromArray(FLOATS, v, i, rest).mul((float) factors.beta2());
    FloatVector second = square.add(grad.mul(grad).mul(take2));
    first.intoArray(m, i, rest);
    second.intoArray(v, i, rest);
    FloatVector root = second.sqrt().mul((float) factors.rootScale());
    FloatVector step = first.mul((float) factors.stepSize()).div(root.add((float) factors.eps()));
    weight.mul((float) factors.shrink()).sub(step).intoArray(w, i, rest);
  }

  private static void amsGrad(
      AdamFactors factors,
      float[] w,
      float[] g,
      float[] m,
      float[] v,
      float[] vMax,
      int from,
      int to) {
    float clip = (float) factors.clip();
    float keep1 = (float) factors.beta1();
    float take1 = (float) (1 - factors.beta1());
    float keep2 = (float) factors.beta2();
    float take2 = (float) (1 - factors.beta2());
    for (int i = from; i < to; i += STEP) {
      FloatVector weight = FloatVector.fromArray(FLOATS, w, i);
      FloatVector scaled = FloatVector.fromArray(FLOATS, g, i).mul((float) factors.gradScale());
      FloatVector grad = scaled.max(-clip).min(clip).add(weight.mul((float) factors.l2()));
      FloatVector first = FloatVector.fromArray(FLOATS, m, i).mul(keep1).add(grad.mul(take1));
      FloatVector squared = grad.mul(grad).mul(take2);
      FloatVector second = FloatVector.fromArray(FLOATS, v, i).mul(keep2).add(squared);
      first.intoArray(m, i);
      second.intoArray(v, i);
      FloatVector largest = FloatVector.fromArray(FLOATS, vMax, i).max(second);
      largest.intoArray(vMax, i);
      FloatVector root = largest.sqrt().mul((float) factors.rootScale());
      FloatVector step = first.mul((float) factors.stepSize()).div(root.add((float) factors.eps()));
      weight.mul((float) factors.shrink()).sub(step).intoArray(w, i);
    }
  }

  @Override
  public void sgd(SgdFactors factors, float[] w, float[] g, float[] b, int from, int to) {
    // The scalar loops clear the buffer at a segment's first update.
    if (b != null && factors.first()) {
      scalar.sgd(factors, w, g, b, from, to);
      return;
    }
    int end = from + FLOATS.loopBound(to - from);
    if (b == null) {
      plain(factors, w, g, from, end);
    } else if (factors.nesterov()) {
      nesterov(factors, w, g, b, from, end);
    } else {
      momentum(factors, w, g, b, from, end);
    }
    scalar.sgd(factors, w, g, b, end, to);
  }

  private static void plain(SgdFactors factors, float[] w, float[] g, int from, int to) {
    float clip = (float) factors.clip();
    for (int i = from; i < to; i += STEP) {
      FloatVector weight = FloatVector.fromArray(FLOATS, w, i);
      FloatVector scaled = FloatVector.fromArray(FLOATS, g, i).mul((float) factors.gradScale());
      FloatVector grad = scaled.max(-clip).min(clip).add(weight.mul((float) factors.l2()));
      weight.sub(grad.mul((float) factors.rate())).intoArray(w, i);
    }
  }

  private static void momentum(
      SgdFactors factors, float[] w, float[] g, float[] b, int from, int to) {
    float clip = (float) factors.clip();
    float keep = (float) factors.momentum();
    float take = (float) factors.take();
    for (int i = from; i < to; i += STEP) {
      FloatVector weight = FloatVector.fromArray(FLOATS, w, i);
      FloatVector scaled = FloatVector.fromArray(FLOATS, g, i).mul((float) factors.gradScale());
      FloatVector grad = scaled.max(-clip).min(clip).add(weight.mul((float) factors.l2()));
      FloatVector next = FloatVector.fromArray(FLOATS, b, i).mul(keep).add(grad.mul(take));
      next.intoArray(b, i);
      weight.sub(next.mul((float) factors.rate())).intoArray(w, i);
    }
  }

  private static void nesterov(
      SgdFactors factors, float[] w, float[] g, float[] b, int from, int to) {
    float clip = (float) factors.clip();
    float keep = (float) factors.momentum();
    float take = (float) factors.take();
    for (int i = from; i < to; i += STEP) {
      FloatVector weight = FloatVector.fromArray(FLOATS, w, i);
      FloatVector scaled = FloatVector.fromArray(FLOATS, g, i).mul((float) factors.gradScale());
      FloatVector grad = scaled.max(-clip).min(clip).add(weight.mul((float) factors.l2()));
      FloatVector next = FloatVector.fromArray(FLOATS, b, i).mul(keep).add(grad.mul(take));
      next.intoArray(b, i);
      weight.sub(grad.add(next.mul(keep)).mul((float) factors.rate())).intoArray(w, i);
    }
  }

  @Override
  public void rmsProp(
      RmsPropFactors factors,
      float[] w,
      float[] g,
      float[] s,
      float[] a,
      float[] b,
      int from,
      int to) {
    int end = from + FLOATS.loopBound(to - from);
    float clip = (float) factors.clip();
    float keep = (float) factors.alpha();
    float take = (float) (1 - factors.alpha());
    for (int i = from; i < end; i += STEP) {
      FloatVector weight = FloatVector.fromArray(FLOATS, w, i);
      FloatVector scaled = FloatVector.fromArray(FLOATS, g, i).mul((float) factors.gradScale());
      FloatVector grad = scaled.max(-clip).min(clip).add(weight.mul((float) factors.l2()));
      FloatVector squared = grad.mul(grad).mul(take);
      FloatVector variance = FloatVector.fromArray(FLOATS, s, i).mul(keep).add(squared);
      variance.intoArray(s, i);
      if (a != null) {
        FloatVector mean = FloatVector.fromArray(FLOATS, a, i).mul(keep).add(grad.mul(take));
        mean.intoArray(a, i);
        variance = variance.sub(mean.mul(mean)).max(0);
      }
      FloatVector step = grad.div(variance.sqrt().add((float) factors.eps()));
      if (b != null) {
        step = FloatVector.fromArray(FLOATS, b, i).mul((float) factors.momentum()).add(step);
        step.intoArray(b, i);
      }
      weight.sub(step.mul((float) factors.rate())).intoArray(w, i);
    }
    scalar.rmsProp(factors, w, g, s, a, b, end, to);
  }

  @Override
  public void adagrad(AdagradFactors factors, float[] w, float[] g, float[] s, int from, int to) {
    int end = from + FLOATS.loopBound(to - from);
    float clip = (float) factors.clip();
    for (int i = from; i < end; i += STEP) {
      FloatVector weight = FloatVector.fromArray(FLOATS, w, i);
      FloatVector scaled = FloatVector.fromArray(FLOATS, g, i).mul((float) factors.gradScale());
      FloatVector grad = scaled.max(-clip).min(clip).add(weight.mul((float) factors.l2()));
      FloatVector sum = FloatVector.fromArray(FLOATS, s, i).add(grad.mul(grad));
      sum.intoArray(s, i);
      FloatVector step = grad.div(sum.sqrt().add((float) factors.eps()));
      weight.sub(step.mul((float) factors.rate())).intoArray(w, i);
    }
    scalar.adagrad(factors, w, g, s, end, to);
  }

  @Override
  public void lambMoments(
      LambFactors factors,
      float[] w,
      float[] g,
      float[] m,
      float[] v,
      float[] u,
      int from,
      int to,
      double[] squares,
      int at) {
    int end = from + FLOATS.loopBound(to - from);
    VectorFloatLamb.moments(factors, w, g, m, v, u, from, end, squares, at);
    if (end < to) {
      VectorFloatLamb.momentsOfRest(factors, w, g, m, v, u, end, to, squares, at);
    }
  }

  @Override
  public void lambDescend(
      LambFactors factors,
      double step,
      float[] w,
      float[] m,
      float[] v,
      float[] u,
      int from,
      int to) {
    int end = from + FLOATS.loopBound(to - from);
    VectorFloatLamb.descend(factors, step, w, m, v, u, from, end);
    ScalarFloatLamb.descend(factors, step, w, m, v, u, end, to);
  }
}
