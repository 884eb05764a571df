package talweg.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import talweg.conformance.CaseResult;
import talweg.conformance.Conformance;
import talweg.conformance.GoldenCase;
import talweg.conformance.Goldens;
import talweg.cuda.sim.SimulatedCuda;
import talweg.cuda.sim.SimulatedGpu;
import talweg.session.Session;
import talweg.spi.Backend;
import talweg.spi.DeviceSpec;
import talweg.tensor.DType;

/** All public golden vectors on the CUDA backend over the simulated device. */
@ExtendWith(SimulatedCuda.class)
class CudaConformanceTest {
  private final Settings settings = new Settings();

  /** Whatever this machine has of cuBLAS, it cannot run on the simulated device. */
  @BeforeEach
  void useOwnProducts() {
    settings.set(ProductProviders.PROPERTY, "own");
  }

  @AfterEach
  void restore() {
    settings.restore();
  }

  @ParameterizedTest(name = "fused {0}, {1}")
  @CsvSource({"true, F32", "true, F64", "false, F32", "false, F64"})
  void everyCasePassesOrIsSkipped(boolean fused, DType dtype, SimulatedGpu gpu) throws IOException {
    Backend cuda = new CudaProvider().open(DeviceSpec.DEFAULT);
    try (Session session = new Session(fused ? cuda : withoutFusedCalls(cuda))) {
      List<CaseResult> results =
          cases().stream()
              .filter(golden -> Conformance.precisions(golden).contains(dtype))
              .filter(golden -> fused || usesFusedCalls(golden))
              .map(golden -> Conformance.run(golden, session, dtype))
              .toList();
      List<String> failed =
          results.stream()
              .filter(r -> r.status() == CaseResult.Status.FAILED)
              .map(CaseResult::toString)
              .toList();
      assertEquals(List.of(), failed, () -> gpu.fault() + ", last error: " + gpu.lastError());
      long passed = results.stream().filter(CaseResult::passed).count();
      assertTrue(passed >= (fused ? 260 : 200), () -> "only " + passed + " cases passed");
    }
  }

  /** Second-order methods do the same with and without fused calls, and take the longest. */
  private static boolean usesFusedCalls(GoldenCase golden) {
    return !golden.area().equals("secondorder");
  }

  private static List<GoldenCase> cases() throws IOException {
    try (InputStream zip =
        CudaConformanceTest.class.getResourceAsStream("/talweg/conformance/public.zip")) {
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
