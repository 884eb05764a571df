package talweg.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import talweg.session.Session;
import talweg.solve.Minimizer;
import talweg.solve.MultiStart;
import talweg.solve.NamedProblem;
import talweg.solve.Problem;
import talweg.solve.Problems;
import talweg.solve.Solution;

/** {@code talweg minimize}: the minimum of a formula or a known problem. */
@Command(
    name = "minimize",
    description = "Finds a local minimum of a formula, with or without constraints.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    preprocessor = FormulaArgument.class,
    footer = {
      "",
      "A formula has variables x1, x2, ... (or x, y, z), + - * / ^, parentheses, pi, e and",
      "exp log sqrt sin cos tan tanh abs sigmoid softplus relu erf. Exit code 0: converged, 1:"
          + " not.",
      "",
      "  talweg minimize rosenbrock:10 --method lbfgs",
      "  talweg minimize 'x^2 + y^2' --equality 'x + y = 1'",
      "  talweg minimize 'exp(x) - y' --inequality 'x^2 + y^2 <= 1' --start 0,0"
    })
final class MinimizeCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      paramLabel = "PROBLEM|FORMULA",
      description = "A name from --list, for example hs071 or rosenbrock:10, or a formula.")
  private String text;

  @Option(names = "--list", description = "Lists the problems that have a name.")
  private boolean list;

  @Mixin private ConstraintFlags constraints;

  @Mixin private MethodFlags method;

  @Option(
      names = "--starts",
      paramLabel = "N",
      description = "Search from N random points of a box, for all minima there.")
  private Integer starts;

  @Option(
      names = "--box",
      paramLabel = "LOW,HIGH",
      split = ",",
      hideParamSyntax = true,
      arity = "1",
      defaultValue = "-5,5",
      description =
          "The box of --starts in variables without finite bounds. Default: ${DEFAULT-VALUE}.")
  private double[] box;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Seed of --starts. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      defaultValue = "cpu",
      description = "Where formulas are computed. Default: ${DEFAULT-VALUE}.")
  private String backend;

  @Option(names = "--history", description = "Also prints the points on the way.")
  private boolean history;

  @Option(names = "--json", description = "JSON lines on standard output, text on standard error.")
  private boolean json;

  @Override
  public Integer call() {
    MinimizeReport report = new MinimizeReport(new Console(json), history);
    if (list) {
      Problems.all().forEach(report::entry);
      return ExitCode.DONE;
    }
    if (text == null) {
      throw new UsageException(
          "expected a formula or the name of a problem; --list shows the names");
    }
    NamedProblem named = constraints.problem(text);
    try (Session session = Session.open(backend)) {
      Problem problem = named.problem(session);
      Minimizer minimizer = method.minimizer(problem, named.dimension());
      report.problem(named, method.description(problem, named.dimension()), session);
      return starts == null
          ? single(report, named, minimizer.minimize(problem.objective(), named.start()))
          : several(report, named, minimizer, problem);
    }
  }

  private static int single(MinimizeReport report, NamedProblem named, Solution solution) {
    report.solution(named, solution);
    return solution.converged() ? ExitCode.DONE : ExitCode.FAILED;
  }

  private int several(
      MinimizeReport report, NamedProblem named, Minimizer minimizer, Problem problem) {
    if (starts < 1) {
      throw new UsageException("--starts: expected at least 1, got " + starts);
    }
    if (box.length != 2 || !(box[0] < box[1]) || Double.isInfinite(box[1] - box[0])) {
      throw new UsageException("--box: expected two finite numbers LOW,HIGH with LOW < HIGH");
    }
    double[] lower = named.lower().clone();
    double[] upper = named.upper().clone();
    for (int i = 0; i < lower.length; i++) {
      double width = box[1] - box[0];
      boolean below = Double.isInfinite(lower[i]);
      boolean above = Double.isInfinite(upper[i]);
      // A bound outside the box moves it.
      lower[i] = below ? (above ? box[0] : Math.min(box[0], upper[i] - width)) : lower[i];
      upper[i] = above ? Math.max(box[1], lower[i] + width) : upper[i];
    }
    MultiStart.Result result =
        MultiStart.of(minimizer, starts, seed).minimize(problem.objective(), lower, upper);
    List<MultiStart.Minimum> minima = result.minima();
    report.minima(minima, result.failures(), starts);
    if (minima.isEmpty()) {
      return single(report, named, result.failures().getFirst());
    }
    return single(report, named, minima.getFirst().best());
  }
}
