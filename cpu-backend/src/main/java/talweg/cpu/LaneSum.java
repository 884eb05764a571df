package talweg.cpu;

/**
 * The sum of a vector's lanes, from the first to the last. {@code reduceLanes(ADD)} leaves the
 * order open: interpreted and compiled code differ in the last bit, and two runs of one training
 * with them. Vectors come as arrays, as they would not stay in registers on their way to a method
 * that is not inlined.
 */
final class LaneSum {
  private LaneSum() {}

  static double of(double[] lanes) {
    double sum = 0;
    for (double lane : lanes) {
      sum += lane;
    }
    return sum;
  }

  static float of(float[] lanes) {
    float sum = 0;
    for (float lane : lanes) {
      sum += lane;
    }
    return sum;
  }
}
