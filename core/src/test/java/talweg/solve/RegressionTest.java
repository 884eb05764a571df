package talweg.solve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import talweg.nn.Losses;
import talweg.nn.Reduction;
import talweg.reference.ReferenceBackend;
import talweg.session.Session;
import talweg.tensor.Tensor;

/** Regressions on random data reach the closed form, or a point whose gradient is below 1e-10. */
class RegressionTest {
  private static final int ROWS = 40;
  private static final double LAMBDA = 0.1;

  private final Session session = new Session(new ReferenceBackend());

  static LongStream seeds() {
    return RandomProblems.seeds();
  }

  @AfterEach
  void close() {
    session.close();
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void linearRegressionReachesTheNormalEquations(long seed) {
    leastSquares(seed, 0);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void ridgeRegressionReachesTheNormalEquations(long seed) {
    leastSquares(seed, LAMBDA);
  }

  /** |X w - y|^2 + lambda |w|^2, whose minimum is (X^T X + lambda I)^-1 X^T y. */
  private void leastSquares(long seed, double lambda) {
    Random random = new Random(seed);
    int n = 1 + random.nextInt(6);
    double[][] rows = RandomProblems.matrix(random, ROWS, n);
    double[] targets = RandomProblems.vector(random, ROWS);
    double[][] normal = new double[n][n];
    for (int j = 0; j < n; j++) {
      double[] unit = new double[n];
      unit[j] = 1;
      normal[j] = RandomProblems.transposedProduct(rows, RandomProblems.product(rows, unit));
      normal[j][j] += lambda;
    }
    double[] expected = Cholesky.of(normal).solve(RandomProblems.transposedProduct(rows, targets));
    Tensor x = session.tensor(RandomProblems.flat(rows), ROWS, n);
    Tensor y = session.tensor(targets, ROWS);
    UnaryOperator<Tensor> loss =
        w -> x.matmul(w).sub(y).square().sum().add(w.square().sum().mul(lambda));
    for (Minimizer method :
        List.of(
            Newton.DEFAULT, NewtonCg.DEFAULT, LBFGS.DEFAULT, NonlinearConjugateGradient.DEFAULT)) {
      Solution found = method.minimize(Objective.of(session, loss), new double[n]);
      assertTrue(found.converged(), () -> method + ": " + found.message());
      assertArrayEquals(expected, found.point(), 1e-10, method::toString);
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void logisticRegressionReachesTheOptimum(long seed) {
    Random random = new Random(seed);
    int n = 1 + random.nextInt(6);
    Tensor x = session.tensor(RandomProblems.vector(random, ROWS * n), ROWS, n);
    Tensor y = session.tensor(random.doubles(ROWS).map(Math::rint).toArray(), ROWS);
    reachesTheOptimum(
        n,
        w ->
            Losses.bceWithLogits(x.matmul(w), y, null, Reduction.MEAN)
                .add(w.square().sum().mul(LAMBDA / 2)));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void softmaxRegressionReachesTheOptimum(long seed) {
    Random random = new Random(seed);
    int n = 1 + random.nextInt(4);
    int classes = 3;
    Tensor x = session.tensor(RandomProblems.vector(random, ROWS * n), ROWS, n);
    Tensor y = session.tensor(random.ints(ROWS, 0, classes).toArray(), ROWS);
    reachesTheOptimum(
        classes * n,
        w ->
            Losses.crossEntropy(x.matmul(w.reshape(classes, n), false, true), y)
                .add(w.square().sum().mul(LAMBDA / 2)));
  }

  /**
   * The penalty makes the function strongly convex: a gradient g means a distance of at most |g| /
   * lambda from the optimum, and |g|^2 / (2 lambda) of the values.
   */
  private void reachesTheOptimum(int n, UnaryOperator<Tensor> loss) {
    Objective objective = Objective.of(session, loss);
    Stopping exact = new Stopping(1e-11, 1e-16, 500);
    Solution newton = new Newton(exact, 200).minimize(objective, new double[n]);
    Solution cg = new NewtonCg(exact).minimize(objective, new double[n]);
    Solution lbfgs = new LBFGS(10, exact).minimize(objective, new double[n]);
    for (Solution found : List.of(newton, cg, lbfgs)) {
      assertTrue(found.gradientNorm() / LAMBDA <= 1e-10, found::message);
      assertEquals(
          Vectors.norm(objective.evaluate(found.point()).gradient()), found.gradientNorm(), 1e-15);
      assertArrayEquals(newton.point(), found.point(), 2e-10);
    }
  }
}
