package talweg.cuda;

import org.junit.jupiter.api.extension.ExtendWith;
import talweg.backend.FusedUpdatesChecks;
import talweg.cuda.sim.SimulatedCuda;
import talweg.spi.DeviceSpec;

@ExtendWith(SimulatedCuda.class)
class FusedUpdatesTest extends FusedUpdatesChecks {
  FusedUpdatesTest() {
    super(() -> new CudaProvider().open(DeviceSpec.DEFAULT));
  }
}
