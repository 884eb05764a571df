package talweg.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import talweg.conformance.CaseResult.Status;
import talweg.reference.ReferenceBackend;
import talweg.session.Session;
import talweg.tensor.DType;

/** All public golden vectors on the reference backend. */
class GoldenVectorsTest {
  /** What each area comes to; a case that becomes offered moves from skipped to passed here. */
  @ParameterizedTest
  @CsvSource({
    "autodiff, F64, 196, 0",
    "autodiff, F32, 196, 0",
    "clipping, F64, 27, 0",
    "clipping, F32, 27, 0",
    "optimizers, F64, 58, 0",
    "optimizers, F32, 58, 0",
    "schedules, F64, 26, 0",
    "secondorder, F64, 24, 0",
    "training, F64, 7, 0",
    "training, F32, 7, 0"
  })
  void everyCasePassesOrIsSkipped(String area, DType dtype, int passed, int skipped)
      throws IOException {
    List<CaseResult> results = run(area, dtype);
    List<String> failures =
        results.stream()
            .filter(r -> r.status() == Status.FAILED)
            .map(CaseResult::toString)
            .toList();
    assertTrue(
        failures.isEmpty(), () -> failures.size() + " failed:\n" + String.join("\n", failures));
    Map<Status, Integer> counts = new EnumMap<>(Status.class);
    results.forEach(r -> counts.merge(r.status(), 1, Integer::sum));
    assertEquals(passed, counts.getOrDefault(Status.PASSED, 0), () -> skips(results));
    assertEquals(skipped, counts.getOrDefault(Status.SKIPPED, 0), () -> skips(results));
  }

  @Test
  void whatIsNotOfferedIsSkippedWithTheReason() throws IOException {
    try (Session session = new Session(new ReferenceBackend())) {
      GoldenCase golden = publicCases("schedules/step_lr").getFirst();
      CaseResult result = Conformance.run(golden, session, DType.F32);
      assertEquals(Status.SKIPPED, result.status());
      assertEquals("schedules in F32 is not offered yet", result.detail());
      assertTrue(Double.isNaN(result.worst()), result::toString);
    }
  }

  @Test
  void aBackendRunTakesTheWorseOfBothPrecisions() throws IOException {
    try (Session session = new Session(new ReferenceBackend())) {
      GoldenCase golden = publicCases("autodiff/matmul_2d").getFirst();
      CaseResult f64 = Conformance.run(golden, session, DType.F64);
      CaseResult f32 = Conformance.run(golden, session, DType.F32);
      CaseResult both = Conformance.run(golden, session);
      assertEquals(f32.relative() > f64.relative() ? f32 : f64, both);
      assertEquals("autodiff/matmul_2d", both.id());
      assertEquals("reference", both.backend());
      assertTrue(both.passed() && both.worst() > 0 && both.worst() <= both.tolerance());
    }
  }

  @Test
  void casesLeaveNoMemoryInUseBehind() throws IOException {
    try (Session session = new Session(new ReferenceBackend())) {
      List<GoldenCase> cases = publicCases("autodiff/*");
      cases.forEach(c -> Conformance.run(c, session, DType.F64));
      long held = session.bytesHeld();
      cases.forEach(c -> Conformance.run(c, session, DType.F64));
      assertEquals(held, session.bytesHeld());
    }
  }

  static List<GoldenCase> publicCases(String glob) throws IOException {
    try (InputStream zip = GoldenVectorsTest.class.getResourceAsStream("public.zip")) {
      return Goldens.load("public.zip", zip, glob);
    }
  }

  private static List<CaseResult> run(String area, DType dtype) throws IOException {
    try (Session session = new Session(new ReferenceBackend())) {
      return publicCases(area + "/*").stream()
          .map(c -> Conformance.run(c, session, dtype))
          .toList();
    }
  }

  private static String skips(List<CaseResult> results) {
    return results.stream()
        .filter(r -> r.status() == Status.SKIPPED)
        .map(r -> r.name() + ": " + r.detail())
        .collect(Collectors.joining("\n", "skipped:\n", "\n"));
  }
}
