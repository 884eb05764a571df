package talweg.solve;

/** Says for people how a search under constraints ended. */
final class Outcome {
  private Outcome() {}

  /**
   * The message of a solution.
   *
   * @param error the largest residual of the optimality conditions
   * @param violation of the constraints, the largest
   */
  static String message(Reason reason, double error, double violation, int iterations) {
    return switch (reason) {
      case GRADIENT, STEP ->
          "the optimality conditions hold to %.1e, the constraints to %.1e"
              .formatted(error, violation);
      case LINE_SEARCH ->
          ("no better point was found where the optimality conditions hold to %.1e and the"
                  + " constraints to %.1e: the limit of the precision, or a function that is not"
                  + " smooth; start elsewhere or ask for a larger tolerance")
              .formatted(error, violation);
      case ITERATIONS ->
          ("%d iterations were not enough: the optimality conditions hold to %.1e, the constraints"
                  + " to %.1e; allow more, or start elsewhere")
              .formatted(iterations, error, violation);
      case DIVERGED ->
          "values became infinite or NaN, or grew without end: the function may have no minimum"
              + " under these constraints, or is not defined at the start; start elsewhere";
      case INFEASIBLE ->
          ("the constraints cannot be met from here: the smallest violation that was found near is"
                  + " %.1e; check that they do not contradict each other, or start elsewhere")
              .formatted(violation);
    };
  }
}
