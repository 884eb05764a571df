package talweg.solve;

/** A method that finds a local minimum of a function without constraints. */
public interface Minimizer {
  /**
   * Minimises a function.
   *
   * @param start the first point; not changed
   */
  Solution minimize(Objective objective, double[] start);
}
