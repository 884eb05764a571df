package talweg.cpu;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;

/**
 * The sum of a vector's lanes in one order: the upper half is added to the lower one until a lane
 * is left. {@code reduceLanes(ADD)} leaves the order open, so interpreted and compiled code would
 * differ in the last bit, and two runs of one training with them.
 */
final class LaneSum {
  private LaneSum() {}

  static double of(DoubleVector vector) {
    double[] lanes = vector.toArray();
    for (int half = lanes.length / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        lanes[i] += lanes[i + half];
      }
    }
    return lanes[0];
  }

  static float of(FloatVector vector) {
    float[] lanes = vector.toArray();
    for (int half = lanes.length / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        lanes[i] += lanes[i + half];
      }
    }
    return lanes[0];
  }
}
