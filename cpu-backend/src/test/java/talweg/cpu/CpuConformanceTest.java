package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import talweg.conformance.CaseResult;
import talweg.conformance.Conformance;
import talweg.conformance.GoldenCase;
import talweg.conformance.Goldens;
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
  void everyCasePassesOrIsSkipped(boolean vector, boolean fused, DType dtype) throws IOException {
    assumeTrue(!vector || VectorLookup.obstacle().isEmpty());
    Backend cpu = new CpuBackend(DeviceSpec.DEFAULT, vector);
    try (Session session = new Session(fused ? cpu : withoutFusedCalls(cpu))) {
      List<CaseResult> results =
          cases().stream()
              .filter(golden -> Conformance.precisions(golden).contains(dtype))
              .map(golden -> Conformance.run(golden, session, dtype))
              .toList();
      List<String> failed =
          results.stream()
              .filter(r -> r.status() == CaseResult.Status.FAILED)
              .map(CaseResult::toString)
              .toList();
      assertEquals(List.of(), failed);
      assertTrue(results.stream().filter(CaseResult::passed).count() >= 260);
    }
  }

  private static List<GoldenCase> cases() throws IOException {
    try (InputStream zip =
        CpuConformanceTest.class.getResourceAsStream("/talweg/conformance/public.zip")) {
      return Goldens.load("public.zip", zip, Goldens.ALL);
    }
  }

  /** The same backend, which says that it has no fused call. */
  private static Backend withoutFusedCalls(Backend backend) {
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (_, method, arguments) -> {
              if (method.getName().equals("supports")) {
                return false;
              }
              try {
                return method.invoke(backend, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
