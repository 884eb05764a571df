package talweg.cuda;

import org.junit.jupiter.api.extension.ExtendWith;
import talweg.backend.SeveralOptimizersChecks;
import talweg.cuda.sim.SimulatedCuda;
import talweg.spi.DeviceSpec;

@ExtendWith(SimulatedCuda.class)
class SeveralOptimizersTest extends SeveralOptimizersChecks {
  SeveralOptimizersTest() {
    super(() -> new CudaProvider().open(DeviceSpec.DEFAULT));
  }
}
