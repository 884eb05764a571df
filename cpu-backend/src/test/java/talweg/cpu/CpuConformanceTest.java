package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import talweg.backend.Prerequisite;
import talweg.backend.PublicVectors;
import talweg.conformance.CaseResult;
import talweg.session.Session;
import talweg.spi.Backend;
import talweg.spi.DeviceSpec;
import talweg.tensor.DType;

/** All public golden vectors on the CPU backend: vector and scalar loops, fused and composed. */
class CpuConformanceTest {
  @ParameterizedTest(name = "vector {0}, fused {1}, {2}")
  @CsvSource({
    "true, true, F32",
    "true, true, F64",
    "true, false, F32",
    "true, false, F64",
    "false, true, F32",
    "false, true, F64",
    "false, false, F32",
    "false, false, F64"
  })
  void everyCasePasses(boolean vector, boolean fused, DType dtype) throws IOException {
    Prerequisite.require(
        !vector || VectorLookup.obstacle().isEmpty(),
        Prerequisite.isLinuxOnAmd64(),
        VectorLookup.obstacle().orElse("nothing"));
    Backend cpu = new CpuBackend(DeviceSpec.DEFAULT, vector);
    try (Session session = new Session(fused ? cpu : PublicVectors.withoutFusedCalls(cpu))) {
      List<CaseResult> results = PublicVectors.run(session, dtype, _ -> true);
      assertEquals(List.of(), PublicVectors.notPassed(results));
      assertTrue(results.size() >= 260, () -> "only " + results.size() + " cases");
    }
  }
}
