package talweg.solve;

/** What tells one line-search method from another: the direction in which it looks. */
interface Directions {
  /** A direction from {@code point}, which need not be one of descent. */
  double[] next(double[] point, double[] gradient);

  /** Whether a step of length 1 along the next direction is a good guess. */
  boolean isScaled();

  /** Learns from a step and the change of the gradient over it. */
  default void moved(double[] step, double[] gradientChange) {}

  /** Forgets what was learnt, where it misled. */
  default void forget() {}

  /** A unit vector of negative curvature at a stationary point, or null at a minimum. */
  default double[] negativeCurvature(double[] point) {
    return null;
  }
}
