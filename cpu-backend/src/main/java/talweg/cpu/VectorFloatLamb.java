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

  /** Without helper methods for vectors: calls as deep as that are not inlined. */
  static void moments(
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
    float clip = (float) factors.clip();
    float keep1 = (float) factors.beta1();
    float take1 = (float) factors.take1();
    float keep2 = (float) factors.beta2();
    float take2 = (float) (1 - factors.beta2());
    DoubleVector weights = DoubleVector.zero(DOUBLES);
    DoubleVector directions = DoubleVector.zero(DOUBLES);
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
      FloatVector mean = first.mul((float) factors.meanScale());
      FloatVector direction =
          mean.div(root.add((float) factors.eps())).add(weight.mul((float) factors.decay()));
      if (u != null) {
        direction.intoArray(u, i);
      }
      DoubleVector w0 = (DoubleVector) weight.convertShape(VectorOperators.F2D, DOUBLES, 0);
      DoubleVector w1 = (DoubleVector) weight.convertShape(VectorOperators.F2D, DOUBLES, 1);
      DoubleVector u0 = (DoubleVector) direction.convertShape(VectorOperators.F2D, DOUBLES, 0);
      DoubleVector u1 = (DoubleVector) direction.convertShape(VectorOperators.F2D, DOUBLES, 1);
      // A product of two floats is exact in double.
      weights = weights.add(w0.mul(w0).add(w1.mul(w1)));
      directions = directions.add(u0.mul(u0).add(u1.mul(u1)));
    }
    squares[at] += weights.reduceLanes(VectorOperators.ADD);
    squares[at + 1] += directions.reduceLanes(VectorOperators.ADD);
  }

  static void descend(
      LambFactors factors,
      double step,
      float[] w,
      float[] m,
      float[] v,
      float[] u,
      int from,
      int to) {
    if (u != null) {
      for (int i = from; i < to; i += STEP) {
        FloatVector weight = FloatVector.fromArray(FLOATS, w, i);
        FloatVector direction = FloatVector.fromArray(FLOATS, u, i);
        weight.sub(direction.mul((float) step)).intoArray(w, i);
      }
      return;
    }
    for (int i = from; i < to; i += STEP) {
      FloatVector weight = FloatVector.fromArray(FLOATS, w, i);
      FloatVector root = FloatVector.fromArray(FLOATS, v, i).sqrt();
      FloatVector scale = root.mul((float) factors.rootScale()).add((float) factors.eps());
      FloatVector mean = FloatVector.fromArray(FLOATS, m, i).mul((float) factors.meanScale());
      FloatVector direction = mean.div(scale).add(weight.mul((float) factors.decay()));
      weight.sub(direction.mul((float) step)).intoArray(w, i);
    }
  }
}
