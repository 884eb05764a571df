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
  private static final VectorSpecies<Float> NARROW = Lanes.NARROW_FLOATS;
  private static final int HALF = NARROW.length();

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
    DoubleVector weights0 = DoubleVector.zero(DOUBLES);
    DoubleVector weights1 = DoubleVector.zero(DOUBLES);
    DoubleVector directions0 = DoubleVector.zero(DOUBLES);
    DoubleVector directions1 = DoubleVector.zero(DOUBLES);
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
      // Half vectors once more from memory are widened in fewer instructions than vectors are
      // halved.
      FloatVector low = FloatVector.fromArray(NARROW, w, i);
      FloatVector high = FloatVector.fromArray(NARROW, w, i + HALF);
      DoubleVector w0 = (DoubleVector) low.convertShape(VectorOperators.F2D, DOUBLES, 0);
      DoubleVector w1 = (DoubleVector) high.convertShape(VectorOperators.F2D, DOUBLES, 0);
      DoubleVector u0 = (DoubleVector) direction.convertShape(VectorOperators.F2D, DOUBLES, 0);
      DoubleVector u1 = (DoubleVector) direction.convertShape(VectorOperators.F2D, DOUBLES, 1);
      weights0 = w0.fma(w0, weights0);
      weights1 = w1.fma(w1, weights1);
      directions0 = u0.fma(u0, directions0);
      directions1 = u1.fma(u1, directions1);
    }
    squares[at] += weights0.add(weights1).reduceLanes(VectorOperators.ADD);
    squares[at + 1] += directions0.add(directions1).reduceLanes(VectorOperators.ADD);
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
