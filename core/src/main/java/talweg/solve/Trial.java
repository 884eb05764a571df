package talweg.solve;

/**
 * A point on a line through the current one.
 *
 * @param step how far along the direction; 0 is the current point
 * @param slope derivative along the direction
 */
record Trial(double step, double[] point, double value, double[] gradient, double slope) {
  static Trial of(double step, double[] point, Objective.Evaluation at, double[] direction) {
    double slope = Vectors.dot(at.gradient(), direction);
    return new Trial(step, point, at.value(), at.gradient(), slope);
  }

  boolean isFinite() {
    return Double.isFinite(value) && Double.isFinite(slope);
  }
}
