package talweg.cuda;

import org.junit.jupiter.api.extension.ExtendWith;
import talweg.backend.CaptureChecks;
import talweg.cuda.sim.SimulatedCuda;
import talweg.spi.DeviceSpec;

@ExtendWith(SimulatedCuda.class)
class CaptureLifetimeTest extends CaptureChecks {
  CaptureLifetimeTest() {
    super(() -> new CudaProvider().open(DeviceSpec.DEFAULT));
  }
}
