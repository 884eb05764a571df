package talweg.cpu;

import talweg.backend.FusedUpdatesChecks;
import talweg.spi.DeviceSpec;

class FusedUpdatesTest extends FusedUpdatesChecks {
  FusedUpdatesTest() {
    super(() -> new CpuBackend(DeviceSpec.DEFAULT));
  }
}
