package talweg.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import picocli.CommandLine.Option;
import talweg.error.FormulaException;
import talweg.solve.Formula;
import talweg.solve.NamedProblem;
import talweg.solve.Problems;

/** The flags that make a problem of a formula, or change a known one. */
final class ConstraintFlags {
  @Option(
      names = "--start",
      paramLabel = "X1,X2,..",
      description = "The first point. Default: that of the problem, for a formula 1,1,...")
  private String start;

  @Option(
      names = "--equality",
      paramLabel = "FORMULA",
      description = "Has to be 0; or two formulas with = between. May be repeated.")
  private List<String> equalities = new ArrayList<>();

  @Option(
      names = "--inequality",
      paramLabel = "FORMULA",
      description = "Must not be negative; or two with >= or <= between. May be repeated.")
  private List<String> inequalities = new ArrayList<>();

  @Option(
      names = "--lower",
      paramLabel = "X1,X2,..",
      description = "Lower bounds, one for each variable or one for all; none where there is none.")
  private String lower;

  @Option(names = "--upper", paramLabel = "X1,X2,..", description = "Upper bounds, likewise.")
  private String upper;

  /** A known problem or a formula, with the constraints and the start of the flags. */
  NamedProblem problem(String text) {
    List<String> equal = equalities.stream().map(c -> moved("--equality", c, "=")).toList();
    List<String> more = inequalities.stream().map(ConstraintFlags::inequality).toList();
    NamedProblem known = known(text).orElse(null);
    String objective = known != null ? known.objective() : formula(text, text).toString();
    equal = joined(known == null ? List.of() : known.equalities(), equal);
    more = joined(known == null ? List.of() : known.inequalities(), more);
    int variables =
        Stream.concat(Stream.of(objective), Stream.concat(equal.stream(), more.stream()))
            .mapToInt(f -> Formula.parse(f).variables())
            .max()
            .orElse(0);
    double[] first = start == null ? null : numbers("--start", start, Double.NaN);
    int n = dimension(Math.max(1, variables), known, first);
    double[] low =
        bounds("--lower", lower, n, Double.NEGATIVE_INFINITY, known == null ? null : known.lower());
    double[] high =
        bounds("--upper", upper, n, Double.POSITIVE_INFINITY, known == null ? null : known.upper());
    requireOrder(low, high);
    return new NamedProblem(
        known == null ? "formula" : known.name(),
        objective,
        equal,
        more,
        low,
        high,
        first != null ? first : known != null ? known.start() : ones(n),
        known != null
                && equalities.isEmpty()
                && inequalities.isEmpty()
                && lower == null
                && upper == null
            ? known.minimum()
            : Double.NaN,
        known == null ? "" : known.source());
  }

  private static Optional<NamedProblem> known(String text) {
    try {
      return Problems.find(text);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage());
    }
  }

  /** The formula, or what is wrong with it; a single word was meant as a name. */
  private static Formula formula(String text, String shown) {
    try {
      return Formula.parse(text);
    } catch (FormulaException e) {
      if (text.matches("[A-Za-z]\\w*(:.*)?")) {
        throw new UsageException(
            "problem \"%s\" is not known, nor is it a formula; 'talweg minimize --list' shows the names"
                .formatted(shown));
      }
      throw new UsageException(e.getMessage());
    }
  }

  private static String inequality(String text) {
    return text.contains("<=")
        ? "-(%s)".formatted(moved("--inequality", text, "<="))
        : moved("--inequality", text, ">=");
  }

  /** {@code a - (b)} of {@code a = b}; {@code a} if there is no relation. */
  private static String moved(String flag, String text, String relation) {
    int at = text.indexOf(relation);
    try {
      if (at < 0) {
        return Formula.parse(text).toString();
      }
      Formula left = Formula.parse(text.substring(0, at));
      Formula right = Formula.parse(text.substring(at + relation.length()));
      return new Formula.Binary(Formula.Operator.SUBTRACT, left, right).toString();
    } catch (FormulaException e) {
      throw new UsageException("%s, %s".formatted(flag, e.getMessage()));
    }
  }

  private static int dimension(int variables, NamedProblem known, double[] first) {
    int n = first != null ? first.length : known != null ? known.dimension() : variables;
    if (n < variables || known != null && n != known.dimension()) {
      int expected = known != null ? Math.max(variables, known.dimension()) : variables;
      throw new UsageException("--start: expected %d numbers, got %d".formatted(expected, n));
    }
    return n;
  }

  private static double[] bounds(String flag, String text, int n, double none, double[] otherwise) {
    if (text == null) {
      return otherwise != null ? otherwise : filled(n, none);
    }
    double[] bounds = numbers(flag, text, none);
    if (bounds.length == 1) {
      return filled(n, bounds[0]);
    }
    if (bounds.length != n) {
      throw new UsageException(
          "%s: expected %d numbers or one for all, got %d".formatted(flag, n, bounds.length));
    }
    return bounds;
  }

  private static void requireOrder(double[] lower, double[] upper) {
    for (int i = 0; i < lower.length; i++) {
      if (lower[i] > upper[i]) {
        throw new UsageException(
            "--lower, --upper: expected lower <= upper, got %s and %s for x%d"
                .formatted(lower[i], upper[i], i + 1));
      }
    }
  }

  /** Finite numbers with commas between; {@code none} where that word stands, if it may. */
  private static double[] numbers(String flag, String text, double none) {
    boolean optional = !Double.isNaN(none);
    Supplier<UsageException> wrong =
        () ->
            new UsageException(
                "%s: expected numbers with commas between%s, got \"%s\""
                    .formatted(flag, optional ? ", or none" : "", text));
    return Arrays.stream(text.split(",", -1))
        .mapToDouble(part -> {
          String word = part.strip();
          if (optional && word.equals("none")) {
            return none;
          }
          try {
            double value = Double.parseDouble(word);
            if (Double.isFinite(value)) {
              return value;
            }
          } catch (NumberFormatException e) {
            // Reported below, with what was expected.
          }
          throw wrong.get();
        })
        .toArray();
  }

  private static List<String> joined(List<String> first, List<String> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }

  private static double[] ones(int n) {
    return filled(n, 1);
  }

  private static double[] filled(int n, double value) {
    double[] out = new double[n];
    Arrays.fill(out, value);
    return out;
  }
}
