package talweg.solve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Theorems about convex quadratics and convex functions, on random ones. */
class QuadraticsTest {
  static LongStream seeds() {
    return RandomProblems.seeds();
  }

  /** f(x) = x A x / 2 - b x. */
  private record Quadratic(double[][] a, double[] b) {
    static Quadratic random(Random random, int n) {
      return new Quadratic(
          RandomProblems.positiveDefinite(random, n), RandomProblems.vector(random, n));
    }

    Objective objective() {
      return Objective.of(
          x -> 0.5 * Vectors.dot(x, RandomProblems.product(a, x)) - Vectors.dot(b, x),
          x -> Vectors.minus(RandomProblems.product(a, x), b));
    }

    double[] minimum() {
      return Cholesky.of(a).solve(b);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void everyMethodFindsTheMinimum(long seed) {
    Random random = new Random(seed);
    List<Minimizer> methods =
        List.of(
            new GradientDescent(2e-2, GradientDescent.DEFAULT.stopping()),
            SteepestDescent.DEFAULT,
            NonlinearConjugateGradient.DEFAULT,
            LBFGS.DEFAULT,
            Newton.DEFAULT,
            NewtonCg.DEFAULT);
    Quadratic quadratic = Quadratic.random(random, 1 + random.nextInt(9));
    double[] start = RandomProblems.vector(random, quadratic.b.length);
    for (Minimizer method : methods) {
      Solution found = method.minimize(quadratic.objective(), start);
      assertTrue(found.converged(), () -> method + ": " + found.message());
      assertArrayEquals(quadratic.minimum(), found.point(), 1e-7, method::toString);
      assertEquals(found.iterations() + 1, found.history().size(), method::toString);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void newtonTakesOneStep(long seed) {
    Random random = new Random(seed);
    Quadratic quadratic = Quadratic.random(random, 1 + random.nextInt(20));
    double[] start = RandomProblems.vector(random, quadratic.b.length);
    Solution found =
        new Newton(new Stopping(1e-6, 0, 10), 200).minimize(quadratic.objective(), start);
    assertEquals(1, found.iterations(), found::message);
    assertEquals(Reason.GRADIENT, found.reason());
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void conjugateGradientsWithExactSearchesTakeAsManyStepsAsVariables(long seed) {
    Random random = new Random(seed);
    int n = 2 + random.nextInt(9);
    Quadratic quadratic = Quadratic.random(random, n);
    double[] start = RandomProblems.vector(random, n);
    Solution found =
        new NonlinearConjugateGradient(1e-8, new Stopping(1e-7, 0, 100))
            .minimize(quadratic.objective(), start);
    assertTrue(found.converged(), found::message);
    assertTrue(found.iterations() <= n + 2, () -> found.iterations() + " steps, n = " + n);
  }

  /** f(Bx) is searched at the points that B takes to those of the search of f. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void newtonDoesNotDependOnAnAffineChangeOfVariables(long seed) {
    Random random = new Random(seed);
    int n = 3;
    double[][] rows = RandomProblems.matrix(random, 8, n);
    double[][] change = RandomProblems.positiveDefinite(random, n);
    double[] shift = RandomProblems.vector(random, n);
    double[] start = RandomProblems.vector(random, n);
    Objective plain = Convex.of(rows);
    Objective changed = new Changed(plain, change, shift);
    Newton newton = new Newton(new Stopping(1e-8, 0, 50), 200);
    List<Solution.Step> path = newton.minimize(plain, start).history();
    double[] changedStart = Cholesky.of(change).solve(Vectors.minus(start, shift));
    List<Solution.Step> changedPath = newton.minimize(changed, changedStart).history();
    int common = Math.min(path.size(), changedPath.size());
    assertTrue(common > 2, "there is something to compare");
    for (int i = 0; i < common; i++) {
      double[] there = RandomProblems.product(change, changedPath.get(i).point());
      assertArrayEquals(path.get(i).point(), Vectors.plus(there, 1, shift), 1e-7, "step " + i);
    }
  }

  /** sum_i cosh(a_i x + i): convex, with its exact Hessian. */
  private record Convex(double[][] rows) implements Objective {
    static Objective of(double[][] rows) {
      return new Convex(rows);
    }

    private double[] arguments(double[] x) {
      double[] t = RandomProblems.product(rows, x);
      for (int i = 0; i < t.length; i++) {
        t[i] += i;
      }
      return t;
    }

    @Override
    public double value(double[] x) {
      return Arrays.stream(arguments(x)).map(Math::cosh).sum();
    }

    @Override
    public Evaluation evaluate(double[] x) {
      double[] slopes = Arrays.stream(arguments(x)).map(Math::sinh).toArray();
      return new Evaluation(value(x), RandomProblems.transposedProduct(rows, slopes));
    }

    @Override
    public double[] hessianProduct(double[] x, double[] v) {
      double[] weighted = RandomProblems.product(rows, v);
      double[] t = arguments(x);
      for (int i = 0; i < t.length; i++) {
        weighted[i] *= Math.cosh(t[i]);
      }
      return RandomProblems.transposedProduct(rows, weighted);
    }
  }

  /** x -> inner(matrix x + shift), for a symmetric matrix. */
  private record Changed(Objective inner, double[][] matrix, double[] shift) implements Objective {
    private double[] there(double[] x) {
      return Vectors.plus(RandomProblems.product(matrix, x), 1, shift);
    }

    @Override
    public double value(double[] x) {
      return inner.value(there(x));
    }

    @Override
    public Evaluation evaluate(double[] x) {
      Evaluation at = inner.evaluate(there(x));
      return new Evaluation(at.value(), RandomProblems.product(matrix, at.gradient()));
    }

    @Override
    public double[] hessianProduct(double[] x, double[] v) {
      return RandomProblems.product(
          matrix, inner.hessianProduct(there(x), RandomProblems.product(matrix, v)));
    }
  }
}
