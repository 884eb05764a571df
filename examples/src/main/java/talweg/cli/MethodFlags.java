package talweg.cli;

import java.util.Locale;
import picocli.CommandLine.Option;
import talweg.solve.AugmentedLagrangian;
import talweg.solve.ConstrainedMinimizer;
import talweg.solve.GradientDescent;
import talweg.solve.KktNewton;
import talweg.solve.LBFGS;
import talweg.solve.Minimizer;
import talweg.solve.Newton;
import talweg.solve.NewtonCg;
import talweg.solve.NonlinearConjugateGradient;
import talweg.solve.Problem;
import talweg.solve.SteepestDescent;
import talweg.solve.Stopping;

/** The flags that choose a method of minimisation. */
final class MethodFlags {
  /** Beyond this many variables, second derivatives of a formula cost more than they save. */
  private static final int MANY_VARIABLES = 50;

  @Option(
      names = "--method",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = {
        "gd (gradient descent), steepest (with line search), newton, newton-cg, lbfgs, cg;",
        "with constraints auglag (augmented Lagrangian) or kkt (Newton, interior point).",
        "Default: ${DEFAULT-VALUE} (newton or lbfgs, kkt)."
      })
  private String name;

  @Option(
      names = "--lr",
      paramLabel = "X",
      description = "Rate of gradient descent. Default: 0.01.")
  private Double rate;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Iterations at most. Default: that of the method.")
  private Integer steps;

  @Option(
      names = "--tolerance",
      paramLabel = "X",
      description =
          "Gradient norm that counts as 0; with constraints, residual. Default: the method's.")
  private Double tolerance;

  /** The chosen method for one problem; it minimises under the problem's constraints. */
  Minimizer minimizer(Problem problem, int variables) {
    check();
    String chosen = chosen(problem, variables);
    if (problem.isConstrained() && !chosen.equals("kkt") && !chosen.equals("auglag")) {
      throw new UsageException(
          "--method %s: does not know constraints; expected kkt, auglag or auto".formatted(chosen));
    }
    return switch (chosen) {
      case "gd" -> descent();
      case "steepest" -> new SteepestDescent(stopping(SteepestDescent.DEFAULT.stopping()));
      case "newton" -> new Newton(stopping(Newton.DEFAULT.stopping()), Newton.DEFAULT.maxHessian());
      case "newton-cg" -> new NewtonCg(stopping(NewtonCg.DEFAULT.stopping()));
      case "lbfgs" -> new LBFGS(LBFGS.DEFAULT.history(), stopping(LBFGS.DEFAULT.stopping()));
      case "cg" -> {
        NonlinearConjugateGradient usual = NonlinearConjugateGradient.DEFAULT;
        yield new NonlinearConjugateGradient(usual.curvature(), stopping(usual.stopping()));
      }
      case "auglag" -> constrained(problem, augmentedLagrangian());
      case "kkt" -> constrained(problem, kkt());
      default ->
          throw new UsageException(
              "--method: "
                  + FlagValues.unknown(
                      name, "gd, steepest, newton, newton-cg, lbfgs, cg, auglag, kkt, auto"));
    };
  }

  /** The chosen method in words. */
  String description(Problem problem, int variables) {
    return switch (chosen(problem, variables)) {
      case "gd" -> "gradient descent, rate " + descent().learningRate();
      case "steepest" -> "steepest descent with line search";
      case "newton" -> "Newton's method";
      case "newton-cg" -> "Newton's method with conjugate gradients";
      case "lbfgs" -> "L-BFGS";
      case "cg" -> "nonlinear conjugate gradients";
      case "auglag" -> "augmented Lagrangian";
      default -> "Newton's method on the KKT system";
    };
  }

  private String chosen(Problem problem, int variables) {
    if (!name.equalsIgnoreCase("auto")) {
      return name.toLowerCase(Locale.ROOT);
    }
    return problem.isConstrained() ? "kkt" : variables <= MANY_VARIABLES ? "newton" : "lbfgs";
  }

  private void check() {
    if (rate != null && !name.equalsIgnoreCase("gd")) {
      throw new UsageException("--lr belongs to --method gd; the other methods find their steps");
    }
    requirePositive("--lr", rate);
    requirePositive("--tolerance", tolerance);
    if (steps != null && steps < 1) {
      throw new UsageException("--steps: expected at least 1, got " + steps);
    }
  }

  private static void requirePositive(String flag, Double value) {
    if (value != null && !(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new UsageException("%s: expected a positive number, got %s".formatted(flag, value));
    }
  }

  private GradientDescent descent() {
    GradientDescent usual = GradientDescent.DEFAULT;
    return new GradientDescent(
        rate != null ? rate : usual.learningRate(), stopping(usual.stopping()));
  }

  private KktNewton kkt() {
    return new KktNewton(
        tolerance != null ? tolerance : KktNewton.DEFAULT.tolerance(),
        steps != null ? steps : KktNewton.DEFAULT.maxIterations());
  }

  private AugmentedLagrangian augmentedLagrangian() {
    AugmentedLagrangian usual = AugmentedLagrangian.DEFAULT;
    return new AugmentedLagrangian(
        usual.inner(),
        tolerance != null ? tolerance : usual.constraintTolerance(),
        tolerance != null ? tolerance : usual.gradientTolerance(),
        usual.penalty(),
        steps != null ? steps : usual.maxIterations());
  }

  private static Minimizer constrained(Problem problem, ConstrainedMinimizer method) {
    return (_, start) -> method.minimize(problem, start);
  }

  private Stopping stopping(Stopping usual) {
    return new Stopping(
        tolerance != null ? tolerance : usual.gradientTolerance(),
        usual.stepTolerance(),
        steps != null ? steps : usual.maxIterations());
  }
}
