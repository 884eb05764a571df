package talweg.solve;

import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import talweg.session.Session;

/**
 * A problem as formulas, with what is known about it.
 *
 * @param name unique among {@link Problems}
 * @param objective the function to be minimised
 * @param equalities formulas that are 0
 * @param inequalities formulas that are not negative
 * @param lower bounds [n], minus infinity where there is none
 * @param upper bounds [n], infinity where there is none
 * @param start the usual first point [n]
 * @param minimum the known least value
 * @param source where it was published
 */
public record NamedProblem(
    String name,
    String objective,
    List<String> equalities,
    List<String> inequalities,
    double[] lower,
    double[] upper,
    double[] start,
    double minimum,
    String source) {
  public NamedProblem {
    equalities = List.copyOf(equalities);
    inequalities = List.copyOf(inequalities);
    lower = lower.clone();
    upper = upper.clone();
    start = start.clone();
  }

  static NamedProblem of(
      String name, String objective, double minimum, String source, double... start) {
    return new NamedProblem(
        name,
        objective,
        List.of(),
        List.of(),
        filled(start.length, Double.NEGATIVE_INFINITY),
        filled(start.length, Double.POSITIVE_INFINITY),
        start,
        minimum,
        source);
  }

  /** The number of variables. */
  public int dimension() {
    return start.length;
  }

  /** Whether there is any constraint or finite bound. */
  public boolean isConstrained() {
    return !equalities.isEmpty()
        || !inequalities.isEmpty()
        || DoubleStream.concat(Arrays.stream(lower), Arrays.stream(upper))
            .anyMatch(Double::isFinite);
  }

  /** The functions, to be computed in a session. */
  public Problem problem(Session session) {
    return new Problem(
        Formula.parse(objective).objective(session),
        objectives(equalities, session),
        objectives(inequalities, session),
        lower,
        upper);
  }

  private static List<Objective> objectives(List<String> formulas, Session session) {
    return formulas.stream().map(text -> Formula.parse(text).objective(session)).toList();
  }

  NamedProblem equalities(String... formulas) {
    return new NamedProblem(
        name, objective, List.of(formulas), inequalities, lower, upper, start, minimum, source);
  }

  NamedProblem inequalities(String... formulas) {
    return new NamedProblem(
        name, objective, equalities, List.of(formulas), lower, upper, start, minimum, source);
  }

  NamedProblem lower(double... bounds) {
    return new NamedProblem(
        name, objective, equalities, inequalities, bounds, upper, start, minimum, source);
  }

  NamedProblem upper(double... bounds) {
    return new NamedProblem(
        name, objective, equalities, inequalities, lower, bounds, start, minimum, source);
  }

  private static double[] filled(int n, double value) {
    double[] out = new double[n];
    Arrays.fill(out, value);
    return out;
  }
}
