package talweg.solve;

/** Why a solver stopped. */
public enum Reason {
  /** The gradient (with constraints: of the Lagrangian) is as small as asked for. */
  GRADIENT,
  /** The step is as small as asked for. */
  STEP,
  /**
   * No better point was found along the direction: the limit of the precision, or a function that
   * is not smooth.
   */
  LINE_SEARCH,
  /** As many iterations as were allowed. */
  ITERATIONS,
  /**
   * Values grew or became infinite or NaN: the function has no minimum, or the rate is too large.
   */
  DIVERGED,
  /** The constraints cannot be met from here. */
  INFEASIBLE;

  /** Whether the point is a solution as far as the tolerances and the precision go. */
  public boolean converged() {
    return this == GRADIENT || this == STEP;
  }
}
