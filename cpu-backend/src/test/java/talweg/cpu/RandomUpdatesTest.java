package talweg.cpu;

import talweg.backend.RandomUpdates;
import talweg.spi.DeviceSpec;

class RandomUpdatesTest extends RandomUpdates {
  RandomUpdatesTest() {
    super(() -> new CpuBackend(DeviceSpec.DEFAULT));
  }
}
