package talweg.conformance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import talweg.session.Session;
import talweg.solve.AugmentedLagrangian;
import talweg.solve.KktNewton;
import talweg.solve.LBFGS;
import talweg.solve.Newton;
import talweg.solve.Objective;
import talweg.solve.Problem;
import talweg.solve.Solution;
import talweg.tensor.DType;

/**
 * Problems of minimisation: derivatives at given points, and the minima that each method finds from
 * each start.
 */
final class SecondOrderRunner implements AreaRunner {
  /** What a case says where several points are as good as the one that it lists. */
  private static final String BY_VALUE = "Judge by value and feasibility";

  private static final Map<String, BiFunction<Problem, double[], Solution>> UNCONSTRAINED =
      methods(
          "Newton",
          (problem, start) -> Newton.DEFAULT.minimize(problem.objective(), start),
          "L-BFGS",
          (problem, start) -> LBFGS.DEFAULT.minimize(problem.objective(), start));

  private static final Map<String, BiFunction<Problem, double[], Solution>> CONSTRAINED =
      methods(
          "KKT",
          KktNewton.DEFAULT::minimize,
          "augmented Lagrangian",
          AugmentedLagrangian.DEFAULT::minimize);

  @Override
  public void run(Field golden, Session session, DType dtype, Comparison comparison) {
    Problem problem = SecondOrderProblem.of(golden, session);
    Field tolerance = golden.get("tolerance").get(Comparison.key(dtype));
    if (golden.has("derivative_checks")) {
      double limit = tolerance.get("derivative_scaled").number();
      for (Field check : golden.get("derivative_checks").list()) {
        compareDerivatives(problem, check, limit, comparison);
      }
    }
    boolean constrained = golden.get("kind").text().equals("constrained");
    List<Field> starts = constrained ? List.of(golden.get("x0")) : golden.get("starts").list();
    List<Field> known = golden.get(constrained ? "solutions" : "minima").list();
    boolean byValue = golden.has("notes") && golden.get("notes").text().contains(BY_VALUE);
    for (int i = 0; i < starts.size(); i++) {
      double[] start = starts.get(i).numbers();
      String from = " from start " + (i + 1);
      (constrained ? CONSTRAINED : UNCONSTRAINED)
          .forEach((method, minimizer) -> {
            Solution found = minimizer.apply(problem, start);
            Minimum minimum = new Minimum(method + from, found, tolerance, comparison);
            minimum.compare(nearest(known, found.point()), !byValue, constrained);
            minimum.compareFeasibility(problem, constrained);
          });
    }
  }

  private static void compareDerivatives(
      Problem problem, Field check, double limit, Comparison comparison) {
    double[] x = check.get("x").numbers();
    String at = " at " + Arrays.toString(x);
    Objective.Evaluation f = problem.objective().evaluate(x);
    comparison.scaled("f" + at, new double[] {f.value()}, check.get("f").reference(), limit);
    comparison.scaled("gradient" + at, f.gradient(), check.get("gradient").numbers(), limit);
    if (check.has("hessian")) {
      double[] hessian = flat(problem.objective().hessian(x));
      comparison.scaled("hessian" + at, hessian, flat(check.get("hessian")), limit);
    }
    if (!check.has("constraints")) {
      return;
    }
    List<Objective> constraints = new ArrayList<>(problem.equalities());
    constraints.addAll(problem.inequalities());
    double[] values = new double[constraints.size()];
    double[][] jacobian = new double[constraints.size()][];
    for (int i = 0; i < values.length; i++) {
      Objective.Evaluation c = constraints.get(i).evaluate(x);
      values[i] = c.value();
      jacobian[i] = c.gradient();
    }
    comparison.scaled("constraints" + at, values, check.get("constraints").numbers(), limit);
    comparison.scaled("jacobian" + at, flat(jacobian), flat(check.get("jacobian")), limit);
  }

  /** The end of one search. */
  private record Minimum(String search, Solution found, Field tolerance, Comparison comparison) {
    void compare(Field known, boolean point, boolean multipliers) {
      double bound = tolerance.get("f_abs").number();
      comparison.absolute(search + ": f", found.value(), known.get("f").number(), bound);
      if (!point) {
        return;
      }
      compare("x", found.point(), known, "x_abs");
      if (multipliers) {
        Solution.Multipliers own = found.multipliers();
        compare("lambda_equality", own.equality(), known, "multiplier_abs");
        compare("mu_inequality", own.inequality(), known, "multiplier_abs");
        compare("z_lower", own.lower(), known, "multiplier_abs");
        compare("z_upper", own.upper(), known, "multiplier_abs");
      }
    }

    private void compare(String name, double[] actual, Field known, String kind) {
      if (known.has(name)) {
        double bound = tolerance.get(kind).number();
        comparison.absolute(search + ": " + name, actual, known.get(name).numbers(), bound);
      }
    }

    /** How far each constraint is from being met. */
    void compareFeasibility(Problem problem, boolean constrained) {
      if (!constrained) {
        return;
      }
      double[] x = found.point();
      List<Double> violations = new ArrayList<>();
      problem.equalities().forEach(c -> violations.add(c.value(x)));
      problem.inequalities().forEach(g -> violations.add(Math.min(0, g.value(x))));
      for (int i = 0; i < x.length; i++) {
        violations.add(Math.min(0, x[i] - problem.lower()[i]));
        violations.add(Math.min(0, problem.upper()[i] - x[i]));
      }
      double[] actual = violations.stream().mapToDouble(Double::doubleValue).toArray();
      double bound = tolerance.get("constraint_abs").number();
      comparison.absolute(search + ": violation", actual, new double[actual.length], bound);
    }
  }

  /** The listed solution whose point is closest. */
  private static Field nearest(List<Field> known, double[] point) {
    Field nearest = known.getFirst();
    double least = Double.POSITIVE_INFINITY;
    for (Field each : known) {
      double[] x = each.get("x").numbers();
      double distance = 0;
      for (int i = 0; i < x.length; i++) {
        distance = Math.max(distance, Math.abs(x[i] - point[i]));
      }
      if (distance < least) {
        least = distance;
        nearest = each;
      }
    }
    return nearest;
  }

  /** The rows one after another. */
  static double[] flat(Field rows) {
    return flat(rows.list().stream().map(Field::numbers).toArray(double[][]::new));
  }

  private static double[] flat(double[][] rows) {
    return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
  }

  /** In this order. */
  private static Map<String, BiFunction<Problem, double[], Solution>> methods(
      String first,
      BiFunction<Problem, double[], Solution> one,
      String second,
      BiFunction<Problem, double[], Solution> two) {
    Map<String, BiFunction<Problem, double[], Solution>> methods = new LinkedHashMap<>();
    methods.put(first, one);
    methods.put(second, two);
    return methods;
  }
}
