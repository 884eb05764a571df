package talweg.solve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import talweg.reference.ReferenceBackend;
import talweg.session.Session;

class ConstrainedTest {
  private final Session session = new Session(new ReferenceBackend());

  @AfterEach
  void close() {
    session.close();
  }

  static Stream<ConstrainedMinimizer> methods() {
    return Stream.of(KktNewton.DEFAULT, AugmentedLagrangian.DEFAULT);
  }

  static Stream<Arguments> problemsAndMethods() {
    return Stream.concat(Problems.all().stream().filter(NamedProblem::isConstrained), MORE.stream())
        .flatMap(p -> methods().map(m -> Arguments.of(p.name(), m, p)));
  }

  @ParameterizedTest(name = "{0}, {1}")
  @MethodSource("problemsAndMethods")
  void findsTheKnownMinimum(String name, ConstrainedMinimizer method, NamedProblem named) {
    Problem problem = named.problem(session);
    Solution solution = method.minimize(problem, named.start());
    assertTrue(solution.converged(), () -> solution.reason() + ": " + solution.message());
    assertEquals(named.minimum(), solution.value(), 1e-7 * Math.max(1, Math.abs(named.minimum())));
    assertConditions(problem, solution);
  }

  /** The conditions of Karush, Kuhn and Tucker from the solution's own parts. */
  private static void assertConditions(Problem problem, Solution solution) {
    double[] x = solution.point();
    var multipliers = solution.multipliers();
    double[] gradient = problem.objective().evaluate(x).gradient();
    double scale = 1 + Vectors.largest(gradient);
    for (int i = 0; i < problem.equalities().size(); i++) {
      var c = problem.equalities().get(i).evaluate(x);
      assertEquals(0, c.value(), 1e-8);
      gradient = Vectors.plus(gradient, multipliers.equality()[i], c.gradient());
    }
    for (int j = 0; j < problem.inequalities().size(); j++) {
      var g = problem.inequalities().get(j).evaluate(x);
      double mu = multipliers.inequality()[j];
      assertTrue(g.value() >= -1e-8 && mu >= 0, () -> g.value() + ", " + mu);
      assertEquals(0, Math.min(g.value(), mu), 1e-6);
      gradient = Vectors.plus(gradient, -mu, g.gradient());
    }
    for (int k = 0; k < x.length; k++) {
      double low = multipliers.lower()[k];
      double high = multipliers.upper()[k];
      assertTrue(low >= 0 && high >= 0);
      gradient[k] += high - low;
      if (problem.lower().length > 0) {
        assertTrue(x[k] >= problem.lower()[k] - 1e-8);
        assertEquals(0, Math.min(x[k] - problem.lower()[k], low), 1e-6);
      }
      if (problem.upper().length > 0) {
        assertTrue(x[k] <= problem.upper()[k] + 1e-8);
        assertEquals(0, Math.min(problem.upper()[k] - x[k], high), 1e-6);
      }
    }
    assertEquals(0, Vectors.largest(gradient), 1e-7 * scale);
    assertEquals(solution.gradientNorm(), Vectors.norm(gradient), 1e-7 * scale);
  }

  @ParameterizedTest
  @MethodSource("methods")
  void aVariableBetweenEqualBoundsIsFixed(ConstrainedMinimizer method) {
    Problem problem =
        Problem.of(Formula.parse("(x1 - 3)^2 + (x2 + 1)^2 + x1*x2").objective(session))
            .bounds(new double[] {1, Double.NEGATIVE_INFINITY}, new double[] {1, 7});
    Solution solution = method.minimize(problem, new double[] {5, 5});
    assertArrayEquals(new double[] {1, -1.5}, solution.point(), 1e-8);
    // The objective falls along x1, so that the upper bound holds it.
    assertArrayEquals(new double[] {5.5, 0}, solution.multipliers().upper(), 1e-6);
    assertArrayEquals(new double[] {0, 0}, solution.multipliers().lower(), 1e-6);
  }

  @ParameterizedTest
  @MethodSource("methods")
  void contradictionsAreInfeasible(ConstrainedMinimizer method) {
    Problem circle = Problem.of(Formula.parse("x^2 + y").objective(session));
    List<Problem> problems =
        List.of(
            circle.equality(formula("x + y - 1")).equality(formula("x + y - 2")),
            circle.inequality(formula("1 - x^2 - y^2")).inequality(formula("x - 2")),
            circle.equality(formula("x^2 + y^2 + 1")),
            circle.equality(formula("x - 5")).bounds(new double[] {0, 0}, new double[] {1, 1}));
    for (Problem problem : problems) {
      Solution solution = method.minimize(problem, new double[] {0.5, 0.25});
      assertEquals(Reason.INFEASIBLE, solution.reason(), solution::message);
      assertTrue(solution.message().contains("cannot be met"), solution::message);
    }
  }

  @ParameterizedTest
  @MethodSource("methods")
  void unboundedProblemsDoNotConverge(ConstrainedMinimizer method) {
    Problem problem = Problem.of(formula("x - y")).inequality(formula("y - x"));
    assertTrue(!method.minimize(problem, new double[] {0, 1}).converged());
  }

  @ParameterizedTest
  @MethodSource("methods")
  void withoutConstraintsTheMinimumIsFound(ConstrainedMinimizer method) {
    Solution solution =
        method.minimize(Problem.of(formula("x^4 + (y - 1)^2")), new double[] {1, 9});
    assertTrue(solution.converged());
    assertEquals(0, solution.value(), 1e-9);
  }

  @Test
  void equalityQuadraticsTakeOneStep() {
    Problem problem = Problem.of(formula("x^2 + y^2")).equality(formula("x + y - 1"));
    Solution solution = KktNewton.DEFAULT.minimize(problem, new double[] {2, -1});
    assertEquals(1, solution.iterations());
    assertArrayEquals(new double[] {0.5, 0.5}, solution.point(), 1e-15);
    assertArrayEquals(new double[] {-1}, solution.multipliers().equality(), 1e-14);
    assertArrayEquals(new double[] {2, -1}, solution.history().getFirst().point());
  }

  @Test
  void aStartOutsideTheDomainIsSaid() {
    Problem problem = Problem.of(formula("log(x)")).equality(formula("x - 1"));
    Solution solution = KktNewton.DEFAULT.minimize(problem, new double[] {-1});
    assertEquals(Reason.DIVERGED, solution.reason());
    assertTrue(solution.message().contains("not defined at the start"), solution::message);
  }

  @Test
  void boundsThatDoNotFitAreRefused() {
    Problem problem = Problem.of(formula("x + y"));
    var crossed =
        assertThrows(
            IllegalArgumentException.class,
            () -> problem.bounds(new double[] {0, 2}, new double[] {1, 1}));
    assertTrue(crossed.getMessage().contains("x2, got lower 2.0, upper 1.0"), crossed::getMessage);
    Problem short1 = problem.bounds(new double[1], new double[] {1});
    assertThrows(
        IllegalArgumentException.class,
        () -> KktNewton.DEFAULT.minimize(short1, new double[] {1, 2}));
  }

  private Objective formula(String text) {
    return Formula.parse(text).objective(session);
  }

  /** Further problems of the same collection, numbers and minima as published. */
  private static final List<NamedProblem> MORE =
      List.of(
          NamedProblem.of("hs004", "(x1 + 1)^3/3 + x2", 8.0 / 3, "", 1.125, 0.125).lower(1, 0),
          NamedProblem.of(
                  "hs005",
                  "sin(x1 + x2) + (x1 - x2)^2 - 1.5*x1 + 2.5*x2 + 1",
                  -Math.sqrt(3) / 2 - Math.PI / 3,
                  "",
                  0,
                  0)
              .lower(-1.5, -3)
              .upper(4, 3),
          NamedProblem.of("hs009", "sin(pi*x1/12)*cos(pi*x2/16)", -0.5, "", 0, 0)
              .equalities("4*x1 - 3*x2"),
          NamedProblem.of("hs010", "x1 - x2", -1, "", -10, 10)
              .inequalities("-3*x1^2 + 2*x1*x2 - x2^2 + 1"),
          NamedProblem.of("hs011", "(x1 - 5)^2 + x2^2 - 25", -8.498464223, "", 4.9, 0.1)
              .inequalities("-x1^2 + x2"),
          NamedProblem.of("hs012", "0.5*x1^2 + x2^2 - x1*x2 - 7*x1 - 7*x2", -30, "", 0, 0)
              .inequalities("25 - 4*x1^2 - x2^2"),
          NamedProblem.of("hs014", "(x1 - 2)^2 + (x2 - 1)^2", 9 - 2.875 * Math.sqrt(7), "", 2, 2)
              .equalities("x1 - 2*x2 + 1")
              .inequalities("1 - 0.25*x1^2 - x2^2"),
          NamedProblem.of("hs022", "(x1 - 2)^2 + (x2 - 1)^2", 1, "", 2, 2)
              .inequalities("-x1 - x2 + 2", "-x1^2 + x2"),
          NamedProblem.of("hs024", "((x1 - 3)^2 - 9)*x2^3/(27*sqrt(3))", -1, "", 1, 0.5)
              .inequalities("x1/sqrt(3) - x2", "x1 + sqrt(3)*x2", "6 - x1 - sqrt(3)*x2")
              .lower(0, 0),
          NamedProblem.of("hs029", "-x1*x2*x3", -16 * Math.sqrt(2), "", 1, 1, 1)
              .inequalities("48 - x1^2 - 2*x2^2 - 4*x3^2"),
          NamedProblem.of("hs048", "(x1 - 1)^2 + (x2 - x3)^2 + (x4 - x5)^2", 0, "", 3, 5, -3, 2, -2)
              .equalities("x1 + x2 + x3 + x4 + x5 - 5", "x3 - 2*(x4 + x5) + 3"),
          NamedProblem.of(
                  "hs052",
                  "(4*x1 - x2)^2 + (x2 + x3 - 2)^2 + (x4 - 1)^2 + (x5 - 1)^2",
                  1859.0 / 349,
                  "",
                  2,
                  2,
                  2,
                  2,
                  2)
              .equalities("x1 + 3*x2", "x3 + x4 - 2*x5", "x2 - x5"),
          NamedProblem.of(
                  "hs063", "1000 - x1^2 - 2*x2^2 - x3^2 - x1*x2 - x1*x3", 961.7151721, "", 2, 2, 2)
              .equalities("8*x1 + 14*x2 + 7*x3 - 56", "x1^2 + x2^2 + x3^2 - 25")
              .lower(0, 0, 0),
          NamedProblem.of(
                  "hs077",
                  "(x1 - 1)^2 + (x1 - x2)^2 + (x3 - 1)^2 + (x4 - 1)^4 + (x5 - 1)^6",
                  0.24150513,
                  "",
                  2,
                  2,
                  2,
                  2,
                  2)
              .equalities("x1^2*x4 + sin(x4 - x5) - 2*sqrt(2)", "x2 + x3^4*x4^2 - 8 - sqrt(2)"),
          NamedProblem.of("hs078", "x1*x2*x3*x4*x5", -2.91970041, "", -2, 1.5, 2, -1, -1)
              .equalities(
                  "x1^2 + x2^2 + x3^2 + x4^2 + x5^2 - 10", "x2*x3 - 5*x4*x5", "x1^3 + x2^3 + 1"),
          NamedProblem.of("hs080", "exp(x1*x2*x3*x4*x5)", 0.0539498478, "", -2, 2, 2, -1, -1)
              .equalities(
                  "x1^2 + x2^2 + x3^2 + x4^2 + x5^2 - 10", "x2*x3 - 5*x4*x5", "x1^3 + x2^3 + 1")
              .lower(-2.3, -2.3, -3.2, -3.2, -3.2)
              .upper(2.3, 2.3, 3.2, 3.2, 3.2),
          NamedProblem.of(
                  "hs100",
                  "(x1 - 10)^2 + 5*(x2 - 12)^2 + x3^4 + 3*(x4 - 11)^2 + 10*x5^6 + 7*x6^2 + x7^4"
                      + " - 4*x6*x7 - 10*x6 - 8*x7",
                  680.6300573,
                  "",
                  1,
                  2,
                  0,
                  4,
                  0,
                  1,
                  1)
              .inequalities(
                  "127 - 2*x1^2 - 3*x2^4 - x3 - 4*x4^2 - 5*x5",
                  "282 - 7*x1 - 3*x2 - 10*x3^2 - x4 + x5",
                  "196 - 23*x1 - x2^2 - 6*x6^2 + 8*x7",
                  "-4*x1^2 - x2^2 + 3*x1*x2 - 2*x3^2 - 5*x6 + 11*x7"));
}
