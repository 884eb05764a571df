package talweg.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import talweg.reference.ReferenceBackend;
import talweg.session.Session;
import talweg.tensor.DType;
import tools.jackson.databind.json.JsonMapper;

class ComparisonTest {
  private static final double NAN = Double.NaN;
  private static final double INF = Double.POSITIVE_INFINITY;

  @Test
  void theErrorIsRelativeToTheLargestReferenceValue() {
    CaseResult result = scaled(DType.F64, 1e-3, new double[] {10.002, 0.002}, new double[] {10, 0});
    assertEquals(2e-4, result.worst(), 1e-12);
    assertEquals(0.2, result.relative(), 1e-9);
    assertTrue(result.passed());
    assertFalse(scaled(DType.F64, 1e-4, new double[] {10.002}, new double[] {10}).passed());
  }

  @Test
  void againstZerosTheErrorIsAbsolute() {
    assertEquals(0.25, scaled(DType.F64, 1, new double[] {-0.25, 0}, new double[2]).worst());
  }

  @Test
  void nonFiniteValuesMustStandAtTheSamePlacesWithTheSameSign() {
    double[] reference = {NAN, INF, -INF, 2};
    assertTrue(scaled(DType.F64, 0, reference.clone(), reference).passed());
    assertFalse(scaled(DType.F64, 1e9, new double[] {1, INF, -INF, 2}, reference).passed());
    assertFalse(scaled(DType.F64, 1e9, new double[] {NAN, -INF, -INF, 2}, reference).passed());
    assertFalse(scaled(DType.F64, 1e9, new double[] {NAN, INF, 7, 2}, reference).passed());
    assertFalse(scaled(DType.F64, 1e9, new double[] {NAN, INF, -INF, NAN}, reference).passed());
    assertEquals(
        0.5, scaled(DType.F64, 1, new double[] {NAN, INF, -INF, 1}, reference).worst(), "scale 2");
  }

  @Test
  void exactMeansTheNearestValueOfThePrecision() {
    double[] reference = {0.3};
    assertTrue(scaled(DType.F32, 0, new double[] {0.3f}, reference).passed());
    assertFalse(scaled(DType.F32, 0, new double[] {Math.nextUp(0.3f)}, reference).passed());
    assertFalse(scaled(DType.F64, 0, new double[] {0.3f}, reference).passed());
    assertTrue(scaled(DType.F64, 0, new double[] {-0.0}, new double[] {0.0}).passed());
  }

  @Test
  void pointwiseErrorsAreRelativeToEachValue() {
    double[] reference = {1e6, 1, 1e-40};
    double[] actual = {1e6, 1.01, 0};
    assertFalse(result(1, c -> c.pointwise("y", actual, reference, 1e-3, 1e-35)).passed());
    assertTrue(result(1, c -> c.pointwise("y", actual, reference, 0.011, 1e-35)).passed());
    assertFalse(result(1, c -> c.pointwise("y", actual, reference, 0.011, 1e-41)).passed());
  }

  @Test
  void theQuantityClosestToItsToleranceIsReported() {
    CaseResult result =
        result(
            1e-6,
            c -> {
              c.scaled("a", new double[] {1 + 5e-7}, new double[] {1});
              c.absolute("b", 3, 3.5, 10);
              c.absolute("c", 1, 1 + 9e-10, 1e-9);
              c.exact("d", new int[] {4}, new int[] {4});
            });
    assertTrue(result.passed());
    assertEquals(1e-9, result.tolerance());
    assertTrue(result.detail().startsWith("c: error 9.00e-10"), result.detail());
  }

  @Test
  void oneFailureIsEnough() {
    CaseResult result =
        result(
            1e-6,
            c -> {
              c.scaled("a", new double[] {1}, new double[] {1});
              c.exact("b", new int[] {4}, new int[] {5});
              c.scaled("c", new double[] {1}, new double[] {1});
            });
    assertFalse(result.passed());
    assertTrue(result.detail().startsWith("b: "), result.detail());
    assertEquals(Double.POSITIVE_INFINITY, result.relative());
  }

  @Test
  void missingResultsWrongLengthsAndNoChecksFail() {
    assertFalse(result(1, c -> {}).passed());
    assertFalse(result(1, c -> c.tensor("y", null, null)).passed());
    assertFalse(result(1, c -> c.scaled("y", new double[1], new double[2])).passed());
    assertFalse(
        result(
                1,
                c -> {
                  c.fail("y", "reason");
                  c.scaled("z", new double[1], new double[1]);
                })
            .passed());
  }

  @Test
  void shapesMustAgree() {
    try (Session session = new Session(new ReferenceBackend())) {
      Field expected =
          new Field("x.json", JsonMapper.shared().readTree("{\"shape\":[2,1],\"float64\":[1,2]}"));
      double[] values = {1, 2};
      assertTrue(result(0, c -> c.tensor("y", session.tensor(values, 2, 1), expected)).passed());
      CaseResult flat = result(0, c -> c.tensor("y", session.tensor(values, 2), expected));
      assertEquals("y: expected shape [2, 1], got [2]", flat.detail());
    }
  }

  private static CaseResult scaled(
      DType dtype, double tolerance, double[] actual, double[] reference) {
    Comparison comparison = new Comparison(dtype, tolerance);
    comparison.scaled("y", actual, reference);
    return finish(comparison);
  }

  private static CaseResult result(double tolerance, Consumer<Comparison> checks) {
    Comparison comparison = new Comparison(DType.F64, tolerance);
    checks.accept(comparison);
    return finish(comparison);
  }

  private static CaseResult finish(Comparison comparison) {
    String json = "{\"format\":1,\"area\":\"a\",\"case\":\"c\",\"tags\":[]}";
    GoldenCase golden = new GoldenCase(new Field("c.json", JsonMapper.shared().readTree(json)));
    try (Session session = new Session(new ReferenceBackend())) {
      return comparison.result(golden, session);
    }
  }
}
