package talweg.cuda;

import org.junit.jupiter.api.extension.ExtendWith;
import talweg.backend.UpdateMistakes;
import talweg.cuda.sim.SimulatedCuda;
import talweg.spi.DeviceSpec;

@ExtendWith(SimulatedCuda.class)
class UpdateMistakesTest extends UpdateMistakes {
  UpdateMistakesTest() {
    super(() -> new CudaProvider().open(DeviceSpec.DEFAULT));
  }
}
