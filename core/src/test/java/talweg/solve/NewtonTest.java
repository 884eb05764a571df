package talweg.solve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.reference.ReferenceBackend;
import talweg.session.Session;
import talweg.solve.Newton.Reason;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

class NewtonTest {
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
  @EnumSource(names = {"F32", "F64"})
  void followsTheBananaValley(DType dtype) {
    Tensor start = vector(-1.2, 1).to(dtype);
    Newton.Result result = Newton.DEFAULT.minimize(NewtonTest::rosenbrock, start);
    assertArrayEquals(new double[] {1, 1}, result.point(), dtype == DType.F64 ? 1e-9 : 1e-4);
    assertTrue(result.iterations() < 40, result::toString);
    assertTrue(result.evaluations() > result.iterations(), result::toString);
    assertEquals(-1.2, start.toDoubles()[0], 1e-6, "the start is not changed");
  }

  @Test
  void aQuadraticTakesOneStep() {
    Newton.Result result =
        Newton.DEFAULT.minimize(x -> x.sub(3).square().sum().add(7), vector(-5, 40));
    assertArrayEquals(new double[] {3, 3}, result.point());
    assertEquals(7, result.value());
    assertEquals(0, result.gradientNorm());
    assertEquals(1, result.iterations());
    assertEquals(Reason.GRADIENT, result.reason());
    assertTrue(result.reason().converged());
  }

  @Test
  void negativeCurvatureIsLeftDownhill() {
    // A maximum of the cosine is close to the start.
    Newton.Result result = Newton.DEFAULT.minimize(x -> x.cos().sum(), vector(0.1, -0.2));
    assertArrayEquals(new double[] {Math.PI, -Math.PI}, result.point(), 1e-9);
    assertEquals(-2, result.value(), 1e-15);
  }

  @Test
  void anUnboundedFunctionEndsAtTheLimit() {
    Newton.Result result = new Newton(1e-10, 1e-14, 7).minimize(x -> x.sum(), vector(1, 2));
    assertEquals(Reason.ITERATIONS, result.reason());
    assertEquals(7, result.iterations());
    assertArrayEquals(new double[] {-6, -5}, result.point(), 1e-12);
  }

  @Test
  void aKinkEndsTheLineSearch() {
    Newton.Result result = Newton.DEFAULT.minimize(x -> x.abs().sum(), vector(0.3));
    assertEquals(Reason.LINE_SEARCH, result.reason());
    assertTrue(Math.abs(result.point()[0]) < 0.3, result::toString);
  }

  @Test
  void shapesAndMemoryAreKept() {
    Tensor start = session.tensor(new double[] {2, 1, 1, 3}, 2, 2);
    Newton.DEFAULT.minimize(x -> x.matmul(x).sub(start).square().sum(), start);
    long held = session.bytesHeld();
    Newton.Result result =
        Newton.DEFAULT.minimize(x -> x.matmul(x).sub(start).square().sum(), start);
    assertEquals(held, session.bytesHeld());
    assertEquals(0, session.tape().size());
    assertTrue(result.value() < 1e-10, result::toString);
  }

  private Tensor vector(double... values) {
    return session.tensor(values, values.length);
  }
}
