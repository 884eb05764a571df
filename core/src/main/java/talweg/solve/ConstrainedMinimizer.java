package talweg.solve;

/** A method that finds a local minimum of a function under constraints. */
public sealed interface ConstrainedMinimizer permits AugmentedLagrangian, KktNewton {
  /**
   * Solves a problem.
   *
   * @param start the first point, [n]; it need not meet the constraints; not changed
   * @throws IllegalArgumentException if the bounds are not of the length of the start
   */
  Solution minimize(Problem problem, double[] start);
}
