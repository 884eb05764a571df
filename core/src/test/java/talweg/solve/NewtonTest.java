package talweg.solve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.reference.ReferenceBackend;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

class NewtonTest {
  /** Forms the Hessian, and does not. */
  private enum Method {
    EXACT(Newton.DEFAULT),
    CG(NewtonCg.DEFAULT);

    private final Minimizer minimizer;

    Method(Minimizer minimizer) {
      this.minimizer = minimizer;
    }
  }

  private final Session session = new Session(new ReferenceBackend());

  @AfterEach
  void close() {
    session.close();
  }

  /** (1 - x)^2 + 100 (y - x^2)^2, the banana valley. */
  private static Tensor rosenbrock(Tensor point) {
    Tensor x = point.slice(0, 0, 1);
    Tensor y = point.slice(0, 1, 2);
    Tensor valley = y.sub(x.square()).square().mul(100);
    return x.affine(-1, 1).square().add(valley).sum();
  }

  @ParameterizedTest
  @EnumSource
  void followsTheBananaValley(Method method) {
    double[] start = {-1.2, 1};
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      Objective objective = Objective.of(session, dtype, NewtonTest::rosenbrock);
      Solution found = method.minimizer.minimize(objective, start);
      assertArrayEquals(new double[] {1, 1}, found.point(), dtype == DType.F64 ? 1e-9 : 1e-4);
      assertTrue(dtype == DType.F32 || found.iterations() < 40, found::message);
      assertTrue(found.evaluations() > found.iterations(), found::toString);
    }
    assertArrayEquals(new double[] {-1.2, 1}, start, "the start is not changed");
  }

  @ParameterizedTest
  @EnumSource
  void aQuadraticTakesOneStep(Method method) {
    Solution found = minimize(method, x -> x.sub(3).square().sum().add(7), -5, 40);
    assertArrayEquals(new double[] {3, 3}, found.point(), 1e-14);
    assertEquals(7, found.value());
    assertEquals(1, found.iterations());
    assertEquals(Reason.GRADIENT, found.reason());
    assertTrue(found.converged());
    assertEquals(2, found.history().size());
    assertArrayEquals(new double[] {-5, 40}, found.history().getFirst().point());
  }

  @ParameterizedTest
  @EnumSource
  void negativeCurvatureIsLeftDownhill(Method method) {
    // A maximum of the cosine is close to the start.
    Solution found = minimize(method, x -> x.cos().sum(), 0.1, -0.2);
    assertEquals(-2, found.value(), 1e-15);
    // Any odd multiple of pi is a minimum.
    assertEquals(-1, Math.cos(found.point()[0]), 1e-15);
    assertEquals(-1, Math.cos(found.point()[1]), 1e-15);
  }

  @ParameterizedTest
  @EnumSource
  void saddlesAndMaximaAreNoEnd(Method method) {
    // A saddle at the origin, minima at (+-1, 0); the gradient vanishes at the start.
    Solution saddle =
        minimize(
            method,
            p -> {
              Tensor x = p.slice(0, 0, 1);
              Tensor y = p.slice(0, 1, 2);
              return x.square().sub(1).square().add(y.square()).sum();
            },
            0,
            0);
    assertEquals(1, Math.abs(saddle.point()[0]), 1e-9);
    assertEquals(0, saddle.point()[1], 1e-9);
    Solution maximum = minimize(method, x -> x.cos().sum(), 0, 0, 0);
    assertEquals(-3, maximum.value(), 1e-12);
    assertEquals(Reason.GRADIENT, maximum.reason());
  }

  @ParameterizedTest
  @EnumSource
  void aSaddleWithoutCurvatureOnTheDiagonalIsLeft(Method method) {
    // The Hessian of xy has zeros on its diagonal.
    Solution found =
        minimize(
            method,
            p -> {
              Tensor product = p.slice(0, 0, 1).mul(p.slice(0, 1, 2));
              return product.add(p.square().square().sum()).sum();
            },
            0,
            0);
    assertEquals(-0.125, found.value(), 1e-12);
  }

  @ParameterizedTest
  @EnumSource
  void anUnboundedFunctionDiverges(Method method) {
    Solution found = minimize(method, x -> x.sum(), 1, 2);
    assertEquals(Reason.DIVERGED, found.reason());
    assertTrue(found.message().contains("no minimum"), found::message);
  }

  @Test
  void theNumberOfStepsIsLimited() {
    Newton few = new Newton(new Stopping(1e-10, 1e-14, 3), 200);
    Solution found =
        few.minimize(Objective.of(session, NewtonTest::rosenbrock), new double[] {-1.2, 1});
    assertEquals(Reason.ITERATIONS, found.reason());
    assertEquals(3, found.iterations());
    assertEquals(4, found.history().size());
  }

  @ParameterizedTest
  @EnumSource
  void aKinkIsNoSolution(Method method) {
    Solution found = minimize(method, x -> x.abs().sum(), 0.3);
    assertEquals(Reason.LINE_SEARCH, found.reason());
    assertTrue(Math.abs(found.point()[0]) < 0.3, found::toString);
  }

  @ParameterizedTest
  @EnumSource
  void memoryIsKept(Method method) {
    UnaryOperator<Tensor> f = x -> x.reshape(2, 2).matmul(x.reshape(2, 2)).sub(1).square().sum();
    minimize(method, f, 2, 1, 1, 3);
    long held = session.bytesHeld();
    Solution found = minimize(method, f, 2, 1, 1, 3);
    assertEquals(held, session.bytesHeld());
    assertEquals(0, session.tape().size());
    assertTrue(found.value() < 1e-10, found::toString);
  }

  @Test
  void manyVariablesTakeNoHessian() {
    double[] target = RandomProblems.vector(new Random(1), 300);
    Objective given =
        Objective.of(
            x -> 0.5 * Vectors.dot(Vectors.minus(x, target), Vectors.minus(x, target)),
            x -> Vectors.minus(x, target));
    Objective withoutHessian =
        new Objective() {
          @Override
          public double value(double[] x) {
            return given.value(x);
          }

          @Override
          public Evaluation evaluate(double[] x) {
            return given.evaluate(x);
          }

          @Override
          public double[] hessianProduct(double[] x, double[] v) {
            return given.hessianProduct(x, v);
          }

          @Override
          public double[][] hessian(double[] x) {
            throw new AssertionError("the Hessian was asked for");
          }
        };
    Solution found = Newton.DEFAULT.minimize(withoutHessian, new double[300]);
    assertArrayEquals(target, found.point(), 1e-8);
  }

  private Solution minimize(Method method, UnaryOperator<Tensor> function, double... start) {
    return method.minimizer.minimize(Objective.of(session, function), start);
  }
}
