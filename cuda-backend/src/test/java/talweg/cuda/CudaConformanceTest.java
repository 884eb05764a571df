package talweg.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import talweg.backend.PublicVectors;
import talweg.conformance.CaseResult;
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
  void everyCasePasses(boolean fused, DType dtype, Schedule order, String without, SimulatedGpu gpu)
      throws IOException {
    gpu.schedule(order);
    List<String> left = List.of(without.split(" "));
    Backend cuda = new CudaProvider().open(DeviceSpec.DEFAULT);
    try (Session session = new Session(fused ? cuda : PublicVectors.withoutFusedCalls(cuda))) {
      List<CaseResult> results =
          PublicVectors.run(session, dtype, golden -> !left.contains(golden.area()));
      assertEquals(
          List.of(),
          PublicVectors.notPassed(results),
          () -> gpu.fault() + ", last error: " + gpu.lastError());
      assertTrue(results.size() >= 260, () -> "only " + results.size() + " cases");
    }
  }
}
