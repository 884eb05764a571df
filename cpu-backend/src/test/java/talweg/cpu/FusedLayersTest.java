package talweg.cpu;

import talweg.backend.FusedLayersChecks;
import talweg.spi.DeviceSpec;

class FusedLayersTest extends FusedLayersChecks {
  FusedLayersTest() {
    super(() -> new CpuBackend(DeviceSpec.DEFAULT));
  }
}
