package talweg.solve;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A function of n variables to be minimised where {@code c(x) = 0} for every equality, {@code g(x)
 * >= 0} for every inequality and {@code lower <= x <= upper}.
 *
 * @param objective the function f
 * @param equalities the functions c
 * @param inequalities the functions g
 * @param lower [n], minus infinity where there is no bound; or empty for none at all
 * @param upper [n], infinity where there is no bound; or empty for none at all
 */
public record Problem(
    Objective objective,
    List<Objective> equalities,
    List<Objective> inequalities,
    double[] lower,
    double[] upper) {
  public Problem {
    equalities = List.copyOf(equalities);
    inequalities = List.copyOf(inequalities);
    lower = lower.clone();
    upper = upper.clone();
    if (lower.length > 0 && upper.length > 0 && lower.length != upper.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "problem: expected as many lower as upper bounds, got %d and %d",
              lower.length,
              upper.length));
    }
    for (int i = 0; i < Math.max(lower.length, upper.length); i++) {
      double low = lower.length == 0 ? Double.NEGATIVE_INFINITY : lower[i];
      double high = upper.length == 0 ? Double.POSITIVE_INFINITY : upper[i];
      if (!(low <= high) || low == Double.POSITIVE_INFINITY || high == Double.NEGATIVE_INFINITY) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "problem: expected lower <= upper for x%d, got lower %s, upper %s",
                i + 1,
                low,
                high));
      }
    }
  }

  /** A function without constraints. */
  public static Problem of(Objective objective) {
    return new Problem(objective, List.of(), List.of(), new double[0], new double[0]);
  }

  /** With one more equality. */
  public Problem equality(Objective c) {
    return new Problem(objective, with(equalities, c), inequalities, lower, upper);
  }

  /** With one more inequality, {@code g(x) >= 0}. */
  public Problem inequality(Objective g) {
    return new Problem(objective, equalities, with(inequalities, g), lower, upper);
  }

  /** With these bounds in place of the present ones. */
  public Problem bounds(double[] lower, double[] upper) {
    return new Problem(objective, equalities, inequalities, lower, upper);
  }

  /** Whether there is any constraint or finite bound. */
  public boolean isConstrained() {
    return !equalities.isEmpty()
        || !inequalities.isEmpty()
        || Arrays.stream(lower).anyMatch(Double::isFinite)
        || Arrays.stream(upper).anyMatch(Double::isFinite);
  }

  private static List<Objective> with(List<Objective> list, Objective one) {
    Objective[] longer = list.toArray(new Objective[list.size() + 1]);
    longer[list.size()] = one;
    return List.of(longer);
  }
}
