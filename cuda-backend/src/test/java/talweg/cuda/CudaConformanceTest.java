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
import talweg.cuda.sim.Schedule;
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

  /**
   * Second-order methods do the same with and without fused calls, and take the longest. Threads in
   * reverse order run what together uses all kernels: a result that changes would be a race.
   */
  @ParameterizedTest(name = "fused {0}, {1}, threads {2}, without {3}")
  @CsvSource({
    "true, F32, LOCKSTEP, nothing",
    "true, F64, LOCKSTEP, nothing",
    "false, F32, LOCKSTEP, secondorder",
    "false, F64, LOCKSTEP, secondorder",
    "true, F32, BACKWARD, training secondorder"
  })
  void everyCasePassesOrIsSkipped(
      boolean fused, DType dtype, Schedule order, String without, SimulatedGpu gpu)
      throws IOException {
    gpu.schedule(order);
    List<String> left = List.of(without.split(" "));
    Backend cuda = new CudaProvider().open(DeviceSpec.DEFAULT);
    try (Session session = new Session(fused ? cuda : withoutFusedCalls(cuda))) {
      List<CaseResult> results =
          cases().stream()
              .filter(golden -> Conformance.precisions(golden).contains(dtype))
              .filter(golden -> !left.contains(golden.area()))
              .map(golden -> Conformance.run(golden, session, dtype))
              .toList();
      List<String> failed =
          results.stream()
              .filter(r -> r.status() == CaseResult.Status.FAILED)
              .map(CaseResult::toString)
              .toList();
      assertEquals(List.of(), failed, () -> gpu.fault() + ", last error: " + gpu.lastError());
      long passed = results.stream().filter(CaseResult::passed).count();
      assertTrue(passed >= 260, () -> "only " + passed + " cases passed");
    }
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
