package talweg.cuda;

import org.junit.jupiter.api.extension.ExtendWith;
import talweg.backend.RandomUpdates;
import talweg.cuda.sim.SimulatedCuda;
import talweg.spi.DeviceSpec;

@ExtendWith(SimulatedCuda.class)
class RandomUpdatesTest extends RandomUpdates {
  RandomUpdatesTest() {
    super(() -> new CudaProvider().open(DeviceSpec.DEFAULT));
  }
}
