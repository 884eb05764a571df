package talweg.cpu;

import talweg.backend.UpdateMistakes;
import talweg.spi.DeviceSpec;

class UpdateMistakesTest extends UpdateMistakes {
  UpdateMistakesTest() {
    super(() -> new CpuBackend(DeviceSpec.DEFAULT));
  }
}
