package talweg.solve;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Problems of optimisation with known minima, by name. Those whose name begins with hs are from
 * Hock and Schittkowski, <i>Test Examples for Nonlinear Programming Codes</i>, 1981.
 */
public final class Problems {
  private static final int MAX_VARIABLES = 200;
  private static final String HOCK_SCHITTKOWSKI = "Hock & Schittkowski 1981, problem ";

  private Problems() {}

  /** All problems; those of any dimension in their usual one. */
  public static List<NamedProblem> all() {
    return List.of(
        rosenbrock(2),
        quadratic(4),
        NamedProblem.of(
            "beale",
            "(1.5 - x1 + x1*x2)^2 + (2.25 - x1 + x1*x2^2)^2 + (2.625 - x1 + x1*x2^3)^2",
            0,
            "Beale 1958",
            1,
            1),
        NamedProblem.of(
            "booth", "(x1 + 2*x2 - 7)^2 + (2*x1 + x2 - 5)^2", 0, "Jamil & Yang 2013", 0, 0),
        NamedProblem.of(
            "himmelblau", "(x1^2 + x2 - 11)^2 + (x1 + x2^2 - 7)^2", 0, "Himmelblau 1972", 0, 0),
        hs(6, "(1 - x1)^2", 0, -1.2, 1).equalities("10*(x2 - x1^2)"),
        hs(7, "log(1 + x1^2) - x2", -Math.sqrt(3), 2, 2).equalities("(1 + x1^2)^2 + x2^2 - 4"),
        hs(21, "0.01*x1^2 + x2^2 - 100", -99.96, -1, -1)
            .inequalities("10*x1 - x2 - 10")
            .lower(2, -50)
            .upper(50, 50),
        hs(26, "(x1 - x2)^2 + (x2 - x3)^4", 0, -2.6, 2, 2).equalities("(1 + x2^2)*x1 + x3^4 - 3"),
        hs(27, "0.01*(x1 - 1)^2 + (x2 - x1^2)^2", 0.04, 2, 2, 2).equalities("x1 + x3^2 + 1"),
        hs(28, "(x1 + x2)^2 + (x2 + x3)^2", 0, -4, 1, 1).equalities("x1 + 2*x2 + 3*x3 - 1"),
        hs(
                35,
                "9 - 8*x1 - 6*x2 - 4*x3 + 2*x1^2 + 2*x2^2 + x3^2 + 2*x1*x2 + 2*x1*x3",
                1.0 / 9,
                0.5,
                0.5,
                0.5)
            .inequalities("3 - x1 - x2 - 2*x3")
            .lower(0, 0, 0),
        hs(39, "-x1", -1, 2, 2, 2, 2).equalities("x2 - x1^3 - x3^2", "x1^2 - x2 - x4^2"),
        hs(40, "-x1*x2*x3*x4", -0.25, 0.8, 0.8, 0.8, 0.8)
            .equalities("x1^3 + x2^2 - 1", "x1^2*x4 - x3", "x4^2 - x2"),
        hs(43, "x1^2 + x2^2 + 2*x3^2 + x4^2 - 5*x1 - 5*x2 - 21*x3 + 7*x4", -44, 0, 0, 0, 0)
            .inequalities(
                "8 - x1^2 - x2^2 - x3^2 - x4^2 - x1 + x2 - x3 + x4",
                "10 - x1^2 - 2*x2^2 - x3^2 - 2*x4^2 + x1 + x4",
                "5 - 2*x1^2 - x2^2 - x3^2 - 2*x1 + x2 + x4"),
        hs(71, "x1*x4*(x1 + x2 + x3) + x3", 17.014017289156303, 1, 5, 5, 1)
            .equalities("x1^2 + x2^2 + x3^2 + x4^2 - 40")
            .inequalities("x1*x2*x3*x4 - 25")
            .lower(1, 1, 1, 1)
            .upper(5, 5, 5, 5),
        hs(
                76,
                "x1^2 + 0.5*x2^2 + x3^2 + 0.5*x4^2 - x1*x3 + x3*x4 - x1 - 3*x2 + x3 - x4",
                -103.0 / 22,
                0.5,
                0.5,
                0.5,
                0.5)
            .inequalities("5 - x1 - 2*x2 - x3 - x4", "4 - 3*x1 - x2 - 2*x3 + x4", "x2 + 4*x3 - 1.5")
            .lower(0, 0, 0, 0));
  }

  /**
   * The problem of a name such as {@code hs071}, or with a dimension, {@code rosenbrock:10}; empty
   * if there is none of that name.
   *
   * @throws IllegalArgumentException if the problem does not have that dimension
   */
  public static Optional<NamedProblem> find(String name) {
    int colon = name.indexOf(':');
    String base = colon < 0 ? name : name.substring(0, colon);
    Optional<NamedProblem> found = all().stream().filter(p -> p.name().equals(base)).findFirst();
    if (colon < 0 || found.isEmpty()) {
      return found;
    }
    int n = dimension(name, name.substring(colon + 1));
    return switch (base) {
      case "rosenbrock" -> Optional.of(rosenbrock(n));
      case "quadratic" -> Optional.of(quadratic(n));
      default ->
          throw new IllegalArgumentException(
              String.format(
                  Locale.ROOT,
                  "problem \"%s\": %s has %d variables; expected the name without :%s",
                  name,
                  base,
                  found.get().dimension(),
                  name.substring(colon + 1)));
    };
  }

  private static int dimension(String name, String digits) {
    int n = digits.matches("[0-9]{1,4}") ? Integer.parseInt(digits) : 0;
    if (n < 2 || n > MAX_VARIABLES) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "problem \"%s\": expected 2 to %d variables, got \"%s\"",
              name,
              MAX_VARIABLES,
              digits));
    }
    return n;
  }

  /** A curved valley; from n = 4 on there is a second, local minimum near (-1, 1, ..., 1). */
  private static NamedProblem rosenbrock(int n) {
    String formula =
        IntStream.range(1, n)
            .mapToObj(
                i -> String.format(Locale.ROOT, "100*(x%d - x%d^2)^2 + (1 - x%d)^2", i + 1, i, i))
            .collect(Collectors.joining(" + "));
    double[] start = new double[n];
    Arrays.setAll(start, i -> i % 2 == 0 ? -1.2 : 1);
    return NamedProblem.of("rosenbrock", formula, 0, "Rosenbrock 1960", start);
  }

  /** An ellipsoid around (1, ..., 1) whose axes have curvatures 1, 2, ..., n. */
  private static NamedProblem quadratic(int n) {
    String formula =
        IntStream.rangeClosed(1, n)
            .mapToObj(i -> String.format(Locale.ROOT, "%d*(x%d - 1)^2/2", i, i))
            .collect(Collectors.joining(" + "));
    return NamedProblem.of("quadratic", formula, 0, "-", new double[n]);
  }

  private static NamedProblem hs(int number, String objective, double minimum, double... start) {
    return NamedProblem.of(
        String.format(Locale.ROOT, "hs%03d", number),
        objective,
        minimum,
        HOCK_SCHITTKOWSKI + number,
        start);
  }
}
