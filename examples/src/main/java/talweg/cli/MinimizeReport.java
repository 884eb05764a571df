package talweg.cli;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import talweg.session.Session;
import talweg.solve.MultiStart;
import talweg.solve.NamedProblem;
import talweg.solve.Solution;

/** What {@code talweg minimize} prints. */
final class MinimizeReport {
  /** Elements of a long point that people see. */
  private static final int SHOWN = 12;

  /** Characters of a long formula that people see. */
  private static final int LONG = 300;

  private final Console console;
  private final boolean history;
  private boolean headed;

  MinimizeReport(Console console, boolean history) {
    this.console = console;
    this.history = history;
  }

  /** A line of the list of problems. */
  void entry(NamedProblem problem) {
    if (!headed) {
      headed = true;
      console.line(
          console.dim(
              "%-12s %9s %11s %20s  %s"
                  .formatted("name", "variables", "constraints", "least value", "source")));
    }
    int constraints = problem.equalities().size() + problem.inequalities().size();
    console.line(
        "%-12s %9d %11s %20s  %s"
            .formatted(
                problem.name(),
                problem.dimension(),
                constraints + (hasBounds(problem) ? ", bounds" : ""),
                number(problem.minimum()),
                problem.source()));
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("problem", problem.name());
    row.put("variables", problem.dimension());
    row.put("equalities", problem.equalities());
    row.put("inequalities", problem.inequalities());
    row.put("objective", problem.objective());
    row.put("start", problem.start());
    row.put("minimum", problem.minimum());
    row.put("source", problem.source());
    console.json(row);
  }

  /** What is to be solved, and how. */
  void problem(NamedProblem problem, String method, Session session) {
    String formula = problem.objective();
    head("minimize", formula.length() <= LONG ? formula : formula.substring(0, LONG) + "...");
    problem.equalities().forEach(c -> head("with", c + " = 0"));
    problem.inequalities().forEach(g -> head("with", g + " >= 0"));
    if (hasBounds(problem)) {
      head("with", point(problem.lower()) + " <= x <= " + point(problem.upper()));
    }
    head("method", "%s, on %s".formatted(method, session.backend().name()));
  }

  /** Where the random starts ended. */
  void minima(List<MultiStart.Minimum> minima, List<Solution> failures, int starts) {
    head(
        "starts",
        "%d, of which %d did not converge; minima found: %d"
            .formatted(starts, failures.size(), minima.size()));
    for (MultiStart.Minimum minimum : minima) {
      Solution best = minimum.best();
      console.line(
          "  %20s  from %4d %s at %s"
              .formatted(
                  number(best.value()),
                  minimum.count(),
                  Text.plural(minimum.count(), "start"),
                  point(best.point())));
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("event", "minimum");
      row.put("value", best.value());
      row.put("point", best.point());
      row.put("starts", minimum.count());
      console.json(row);
    }
  }

  /** The end of a search, with the points on the way if they are wanted. */
  void solution(NamedProblem problem, Solution solution) {
    if (history) {
      history(solution);
    }
    head(
        "end",
        "%s after %s and %s: %s"
            .formatted(
                solution.converged() ? console.green("converged") : console.red("not converged"),
                Text.count(solution.iterations(), "iteration"),
                Text.count(solution.evaluations(), "evaluation"),
                solution.message()));
    String known =
        Double.isNaN(problem.minimum()) ? "" : " (known: " + number(problem.minimum()) + ")";
    head("value", number(solution.value()) + known);
    head(
        "gradient",
        number(solution.gradientNorm()) + (problem.isConstrained() ? " of the Lagrangian" : ""));
    head("point", point(solution.point()));
    Solution.Multipliers multipliers = solution.multipliers();
    multipliers("equalities", multipliers.equality());
    multipliers("inequalities", multipliers.inequality());
    multipliers("lower bounds", multipliers.lower());
    multipliers("upper bounds", multipliers.upper());
    console.json(row(problem, solution));
  }

  private void multipliers(String constraints, double[] values) {
    // Those of variables without bounds are all 0.
    boolean bounds = constraints.endsWith("bounds");
    if (values.length > 0 && !(bounds && Arrays.stream(values).allMatch(v -> v == 0))) {
      head("multipliers", "%s: %s".formatted(constraints, point(values)));
    }
  }

  private void history(Solution solution) {
    List<Solution.Step> steps = solution.history();
    for (int i = 0; i < steps.size(); i++) {
      Solution.Step step = steps.get(i);
      console.line(
          "  %5d  value %20s  gradient %12.4e  point %s"
              .formatted(i, number(step.value()), step.gradientNorm(), point(step.point())));
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("event", "step");
      row.put("iteration", i);
      row.put("value", step.value());
      row.put("gradient_norm", step.gradientNorm());
      row.put("point", step.point());
      console.json(row);
    }
  }

  private static Map<String, Object> row(NamedProblem problem, Solution solution) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("event", "solution");
    row.put("problem", problem.name());
    row.put("converged", solution.converged());
    row.put("reason", solution.reason().name().toLowerCase(Locale.ROOT));
    row.put("message", solution.message());
    row.put("iterations", solution.iterations());
    row.put("evaluations", solution.evaluations());
    row.put("value", solution.value());
    row.put("gradient_norm", solution.gradientNorm());
    row.put("point", solution.point());
    row.put("equality_multipliers", solution.multipliers().equality());
    row.put("inequality_multipliers", solution.multipliers().inequality());
    row.put("lower_multipliers", solution.multipliers().lower());
    row.put("upper_multipliers", solution.multipliers().upper());
    return row;
  }

  private void head(String what, String text) {
    console.line("%s  %s".formatted(console.bold("%-11s".formatted(what)), text));
  }

  private static boolean hasBounds(NamedProblem problem) {
    return Stream.of(problem.lower(), problem.upper())
        .flatMapToDouble(Arrays::stream)
        .anyMatch(Double::isFinite);
  }

  private static String point(double[] x) {
    String shown =
        Arrays.stream(x)
            .limit(SHOWN)
            .mapToObj(MinimizeReport::number)
            .collect(Collectors.joining(", "));
    String more = x.length > SHOWN ? ", ... (%d in all)".formatted(x.length) : "";
    return "(" + shown + more + ")";
  }

  /** Ten digits without the zeros at the end; five of numbers far from 1. */
  private static String number(double value) {
    double size = Math.abs(value);
    if (value == 0) {
      return "0";
    }
    // Also of infinities and NaN, which have no decimal expansion.
    if (!(size >= 1e-5 && size < 1e10)) {
      return String.format(Locale.ROOT, "%.4e", value);
    }
    return new BigDecimal(value).round(new MathContext(10)).stripTrailingZeros().toPlainString();
  }
}
