package talweg.solve;

import java.util.Locale;

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
          String.format(
              Locale.ROOT,
              "the optimality conditions hold to %.1e, the constraints to %.1e",
              error,
              violation);
      case LINE_SEARCH ->
          String.format(
              Locale.ROOT,
              "no better point was found where the optimality conditions hold to %.1e and the"
                  + " constraints to %.1e: the limit of the precision, or a function that is not"
                  + " smooth; start elsewhere or ask for a larger tolerance",
              error,
              violation);
      case ITERATIONS ->
          String.format(
              Locale.ROOT,
              "%d iterations were not enough: the optimality conditions hold to %.1e, the"
                  + " constraints to %.1e; allow more, or start elsewhere",
              iterations,
              error,
              violation);
      case DIVERGED ->
          "values became infinite or NaN, or grew without end: the function may have no minimum"
              + " under these constraints, or is not defined at the start; start elsewhere";
      case INFEASIBLE ->
          String.format(
              Locale.ROOT,
              "the constraints cannot be met from here: the largest violation is %.1e, and no point"
                  + " with none was found near; check that they do not contradict each other, or"
                  + " start elsewhere",
              violation);
    };
  }
}
