package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.conformance.CaseResult;
import talweg.conformance.Conformance;
import talweg.conformance.GoldenCase;
import talweg.conformance.Goldens;
import talweg.session.Session;
import talweg.spi.DeviceSpec;
import talweg.tensor.DType;

/** All public golden vectors on the CPU backend. */
class CpuConformanceTest {
  @ParameterizedTest
  @EnumSource(names = {"F32", "F64"})
  void everyCasePassesOrIsSkipped(DType dtype) throws IOException {
    List<GoldenCase> cases;
    try (InputStream zip = getClass().getResourceAsStream("/talweg/conformance/public.zip")) {
      cases = Goldens.load("public.zip", zip, Goldens.ALL);
    }
    try (Session session = new Session(new CpuBackend(DeviceSpec.DEFAULT))) {
      List<CaseResult> results =
          cases.stream()
              .filter(golden -> Conformance.precisions(golden).contains(dtype))
              .map(golden -> Conformance.run(golden, session, dtype))
              .toList();
      List<String> failed =
          results.stream()
              .filter(r -> r.status() == CaseResult.Status.FAILED)
              .map(CaseResult::toString)
              .toList();
      assertEquals(List.of(), failed);
      assertTrue(results.stream().filter(CaseResult::passed).count() >= 240);
    }
  }
}
