package talweg.cpu;

import talweg.backend.SeveralOptimizersChecks;
import talweg.spi.DeviceSpec;

class SeveralOptimizersTest extends SeveralOptimizersChecks {
  SeveralOptimizersTest() {
    super(() -> new CpuProvider().open(DeviceSpec.DEFAULT));
  }
}
