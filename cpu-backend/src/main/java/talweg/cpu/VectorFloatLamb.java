package talweg.cpu;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The two passes of LAMB for F32 on the Vector API, on a whole number of vectors. */
final class VectorFloatLamb {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final int STEP = FLOATS.length();
  private static final VectorSpecies<Double> DOUBLES = Lanes.DOUBLES;

  /**
   * Elements whose squares are added in F32, sixteen to a lane, before these sums go on in double:
   * a relative error of 1e-6 at most. To widen each vector takes as long as the rest of the pass.
   */
  private static final int RUN = 16 * STEP;

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
    for (int start = from; start < to; start += RUN) {
      FloatVector weightSquares = FloatVector.zero(FLOATS);
      FloatVector directionSquares = FloatVector.zero(FLOATS);
      for (int i = start, end = Math.min(to, start + RUN); i < end; i += STEP) {
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
        weightSquares = weight.fma(weight, weightSquares);
        directionSquares = direction.fma(direction, directionSquares);
      }
      DoubleVector w0 = (DoubleVector) weightSquares.convertShape(VectorOperators.F2D, DOUBLES, 0);
      DoubleVector w1 = (DoubleVector) weightSquares.convertShape(VectorOperators.F2D, DOUBLES, 1);
      DoubleVector u0 =
          (DoubleVector) directionSquares.convertShape(VectorOperators.F2D, DOUBLES, 0);
      DoubleVector u1 =
          (DoubleVector) directionSquares.convertShape(VectorOperators.F2D, DOUBLES, 1);
      weights = weights.add(w0).add(w1);
      directions = directions.add(u0).add(u1);
    }
    double[] lanes = new double[DOUBLES.length()];
    weights.intoArray(lanes, 0);
    double weightSum = LaneSum.of(lanes);
    directions.intoArray(lanes, 0);
    double directionSum = LaneSum.of(lanes);
    if (isSound(weightSum) && isSound(directionSum)) {
      squares[at] += weightSum;
      squares[at + 1] += directionSum;
    } else {
      ScalarFloatLamb.squares(factors, w, m, v, from, to, squares, at);
    }
  }

  /** What is left after the last whole vector, {@link #moments} once more with a mask. */
  static void momentsOfRest(
      LambFactors factors,
      float[] w,
      float[] g,
      float[] m,
      float[] v,
      float[] u,
      int i,
      int to,
      double[] squares,
      int at) {
    VectorMask<Float> rest = FLOATS.indexInRange(i, to);
    float clip = (float) factors.clip();
    float take1 = (float) factors.take1();
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
    FloatVector mean = first.mul((float) factors.meanScale());
    FloatVector direction =
        mean.div(root.add((float) factors.eps())).add(weight.mul((float) factors.decay()));
    if (u != null) {
      direction.intoArray(u, i, rest);
    }
    FloatVector none = FloatVector.zero(FLOATS);
    float[] lanes = new float[FLOATS.length()];
    none.blend(weight.mul(weight), rest).intoArray(lanes, 0);
    double weights = LaneSum.of(lanes);
    none.blend(direction.mul(direction), rest).intoArray(lanes, 0);
    double directions = LaneSum.of(lanes);
    if (isSound(weights) && isSound(directions)) {
      squares[at] += weights;
      squares[at + 1] += directions;
    } else {
      ScalarFloatLamb.squares(factors, w, m, v, i, to, squares, at);
    }
  }

  /**
   * Whether a sum of squares in F32 has lost no more than by rounding: to underflow it loses 2^-150
   * for each element, to overflow everything.
   */
  private static boolean isSound(double sum) {
    return sum > 1e-33 && sum < Float.MAX_VALUE;
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
