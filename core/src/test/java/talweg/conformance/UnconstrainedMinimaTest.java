package talweg.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import talweg.reference.ReferenceBackend;
import talweg.session.Session;
import talweg.solve.LBFGS;
import talweg.solve.Minimizer;
import talweg.solve.Newton;
import talweg.solve.NewtonCg;
import talweg.solve.NonlinearConjugateGradient;
import talweg.solve.Objective;
import talweg.solve.Solution;
import talweg.solve.SteepestDescent;
import talweg.tensor.Tensor;

/**
 * The public problems without constraints, in tensor operations: each method ends at a listed
 * minimum from every start, and Newton's method and L-BFGS take at most three times the steps and
 * evaluations of the reference's.
 */
class UnconstrainedMinimaTest {
  private static final String NEWTON = "scipy trust-exact (Newton)";
  private static final String LBFGS_NAME = "torch.optim.LBFGS";

  private static final List<String> ALL =
      List.of(
          "beale",
          "booth",
          "himmelblau",
          "logistic_regression",
          "quadratic",
          "quadratic_ill_conditioned",
          "rosenbrock_2d",
          "rosenbrock_10d");

  private final Session session = new Session(new ReferenceBackend());

  @AfterEach
  void close() {
    session.close();
  }

  @TestFactory
  Stream<DynamicTest> newton() throws IOException {
    return tests(Newton.DEFAULT, NEWTON, ALL);
  }

  @TestFactory
  Stream<DynamicTest> newtonCg() throws IOException {
    return tests(NewtonCg.DEFAULT, NEWTON, ALL);
  }

  @TestFactory
  Stream<DynamicTest> lbfgs() throws IOException {
    return tests(LBFGS.DEFAULT, LBFGS_NAME, ALL);
  }

  /** There is no reference for the number of its steps. */
  @TestFactory
  Stream<DynamicTest> conjugateGradients() throws IOException {
    return tests(NonlinearConjugateGradient.DEFAULT, null, ALL);
  }

  /** Too slow for curved valleys and bad conditioning. */
  @TestFactory
  Stream<DynamicTest> steepestDescent() throws IOException {
    return tests(
        SteepestDescent.DEFAULT,
        null,
        List.of("booth", "himmelblau", "quadratic", "logistic_regression"));
  }

  private Stream<DynamicTest> tests(Minimizer method, String reference, List<String> names)
      throws IOException {
    List<GoldenCase> cases = GoldenVectorsTest.publicCases("secondorder/*");
    return cases.stream()
        .filter(c -> names.contains(c.name()))
        .flatMap(c ->
            c.root().get("starts").list().stream()
                .map(start ->
                    DynamicTest.dynamicTest(
                        c.name() + " from " + Arrays.toString(start.numbers()),
                        () -> check(c.root(), c.name(), method, reference, start.numbers()))));
  }

  private void check(
      Field golden, String name, Minimizer method, String reference, double[] start) {
    Solution found = method.minimize(Objective.of(session, function(golden, name)), start);
    Field tolerance = golden.get("tolerance").get("float64");
    Field nearest = null;
    double distance = Double.POSITIVE_INFINITY;
    for (Field minimum : golden.get("minima").list()) {
      double d = distance(minimum.get("x").numbers(), found.point());
      if (d < distance) {
        distance = d;
        nearest = minimum;
      }
    }
    String end = distance + " away: " + found.reason() + ", " + found.message();
    assertTrue(distance <= tolerance.get("x_abs").number(), end);
    assertEquals(nearest.get("f").number(), found.value(), tolerance.get("f_abs").number(), end);
    for (Field run : golden.get("reference_runs").list()) {
      if (run.get("method").text().equals(reference)
          && Arrays.equals(run.get("x0").numbers(), start)) {
        assertFewer(run, "iterations", found.iterations());
        assertFewer(run, "function_evaluations", found.evaluations());
      }
    }
  }

  private static void assertFewer(Field run, String count, int found) {
    int bound = 3 * run.get(count).integer();
    assertTrue(found <= bound, () -> found + " " + count + ", at most " + bound + " expected");
  }

  private static double distance(double[] a, double[] b) {
    double largest = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(a[i] - b[i]));
    }
    return largest;
  }

  private UnaryOperator<Tensor> function(Field golden, String name) {
    return switch (name) {
      case "beale" ->
          p -> {
            Tensor x = p.slice(0, 0, 1);
            Tensor y = p.slice(0, 1, 2);
            Tensor first = x.mul(y.sub(1)).add(1.5).square();
            Tensor second = x.mul(y.square().sub(1)).add(2.25).square();
            return first.add(second).add(x.mul(y.pow(3).sub(1)).add(2.625).square()).sum();
          };
      case "booth" ->
          p -> {
            Tensor x = p.slice(0, 0, 1);
            Tensor y = p.slice(0, 1, 2);
            Tensor first = x.add(y.mul(2)).sub(7).square();
            return first.add(x.mul(2).add(y).sub(5).square()).sum();
          };
      case "himmelblau" ->
          p -> {
            Tensor x = p.slice(0, 0, 1);
            Tensor y = p.slice(0, 1, 2);
            Tensor first = x.add(y.square()).sub(7).square();
            return first.add(x.square().add(y).sub(11).square()).sum();
          };
      case "rosenbrock_2d", "rosenbrock_10d" ->
          p -> {
            int n = p.shape().dim(0);
            Tensor x = p.slice(0, 0, n - 1);
            Tensor valley = p.slice(0, 1, n).sub(x.square()).square().mul(100);
            return x.affine(-1, 1).square().add(valley).sum();
          };
      case "logistic_regression" -> logistic(golden);
      default -> quadratic(golden);
    };
  }

  private UnaryOperator<Tensor> quadratic(Field golden) {
    Tensor b = session.tensor(golden.get("b").numbers(), golden.get("b").numbers().length);
    Tensor a = matrix(golden.get("A"));
    return x -> x.mul(a.matmul(x)).sum().mul(0.5).sub(b.mul(x).sum());
  }

  private UnaryOperator<Tensor> logistic(Field golden) {
    Tensor x = matrix(golden.get("X"));
    Tensor y = session.tensor(golden.get("y").numbers(), x.shape().dim(0));
    double lambda = golden.get("lambda").number();
    return w -> {
      Tensor fit = x.matmul(w).mul(y).neg().softplus().mean();
      return fit.add(w.square().sum().mul(lambda / 2));
    };
  }

  private Tensor matrix(Field rows) {
    double[] values =
        rows.list().stream().flatMapToDouble(row -> Arrays.stream(row.numbers())).toArray();
    return session.tensor(values, rows.list().size(), values.length / rows.list().size());
  }
}
