package talweg.cpu;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;

/**
 * The sum of a vector's lanes, from the first to the last. {@code reduceLanes(ADD)} leaves the
 * order open: interpreted and compiled code differ in the last bit, and two runs of one training
 * with them.
 */
final class LaneSum {
  private LaneSum() {}

  static double of(DoubleVector vector) {
    double sum = 0;
    for (double lane : vector.toArray()) {
      sum += lane;
    }
    return sum;
  }

  static float of(FloatVector vector) {
    float sum = 0;
    for (float lane : vector.toArray()) {
      sum += lane;
    }
    return sum;
  }
}
