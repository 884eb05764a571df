package talweg.cpu;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The two passes of LAMB for F32 on the Vector API, on a whole number of vectors. */
final class VectorFloatLamb {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final int STEP = FLOATS.length();
  private static final VectorSpecies<Double> DOUBLES = Lanes.DOUBLES;

  private VectorFloatLamb() {}

  static void moments(
      LambFactors factors,
      float[] w,
      float[] g,
      float[] m,
      float[] v,
      int from,
      int to,
      double[] squares,
      int at) {
    float clip = (float) factors.clip();
    float keep1 = (float) factors.beta1();
    float take1 = (float) factors.take1();
    float keep2 = (float) factors.beta2();
    float take2 = (float) (1 - factors.beta2());
    // Each half of a vector has its own sums, which do not wait for one another.
    DoubleVector w0 = DoubleVector.zero(DOUBLES);
    DoubleVector w1 = DoubleVector.zero(DOUBLES);
    DoubleVector u0 = DoubleVector.zero(DOUBLES);
    DoubleVector u1 = DoubleVector.zero(DOUBLES);
    for (int i = from; i < to; i += STEP) {
      FloatVector weight = FloatVector.fromArray(FLOATS, w, i);
      FloatVector scaled = FloatVector.fromArray(FLOATS, g, i).mul((float) factors.gradScale());
      FloatVector grad = scaled.max(-clip).min(clip).add(weight.mul((float) factors.l2()));
      FloatVector first = FloatVector.fromArray(FLOATS, m, i).mul(keep1).add(grad.mul(take1));
      FloatVector squared = grad.mul(grad).mul(take2);
      FloatVector second = FloatVector.fromArray(FLOATS, v, i).mul(keep2).add(squared);
      first.intoArray(m, i);
      second.intoArray(v, i);
      FloatVector direction = direction(factors, weight, first, second);
      w0 = w0.add(square(weight, 0));
      w1 = w1.add(square(weight, 1));
      u0 = u0.add(square(direction, 0));
      u1 = u1.add(square(direction, 1));
    }
    squares[at] += w0.add(w1).reduceLanes(VectorOperators.ADD);
    squares[at + 1] += u0.add(u1).reduceLanes(VectorOperators.ADD);
  }

  private static FloatVector direction(
      LambFactors factors, FloatVector weight, FloatVector m, FloatVector v) {
    FloatVector root = v.sqrt().mul((float) factors.rootScale()).add((float) factors.eps());
    FloatVector mean = m.mul((float) factors.meanScale());
    return mean.div(root).add(weight.mul((float) factors.decay()));
  }

  /** Exact: a product of two floats fits into a double. */
  private static DoubleVector square(FloatVector x, int half) {
    DoubleVector wide = (DoubleVector) x.convertShape(VectorOperators.F2D, DOUBLES, half);
    return wide.mul(wide);
  }

  static void descend(
      LambFactors factors, double step, float[] w, float[] m, float[] v, int from, int to) {
    for (int i = from; i < to; i += STEP) {
      FloatVector weight = FloatVector.fromArray(FLOATS, w, i);
      FloatVector mean = FloatVector.fromArray(FLOATS, m, i);
      FloatVector second = FloatVector.fromArray(FLOATS, v, i);
      FloatVector direction = direction(factors, weight, mean, second);
      weight.sub(direction.mul((float) step)).intoArray(w, i);
    }
  }
}
