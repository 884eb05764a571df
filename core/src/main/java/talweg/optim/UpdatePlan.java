package talweg.optim;

/** How the updates of one flat group are computed, chosen by {@link FusionPlanner}. */
interface UpdatePlan {
  /**
   * Applies the chain to every segment with a gradient, as the step state allows, and ends the
   * step.
   */
  void update();

  /** One line for people: which plan, and why. */
  String explain();

  /** Returns memory of its own. */
  default void free() {}
}
