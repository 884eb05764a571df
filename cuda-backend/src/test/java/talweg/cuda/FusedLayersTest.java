package talweg.cuda;

import org.junit.jupiter.api.extension.ExtendWith;
import talweg.backend.FusedLayersChecks;
import talweg.cuda.sim.SimulatedCuda;
import talweg.spi.DeviceSpec;

@ExtendWith(SimulatedCuda.class)
class FusedLayersTest extends FusedLayersChecks {
  FusedLayersTest() {
    super(() -> new CudaProvider().open(DeviceSpec.DEFAULT));
  }
}
