package talweg.reference;

import talweg.backend.SeveralOptimizersChecks;
import talweg.spi.DeviceSpec;

class SeveralOptimizersTest extends SeveralOptimizersChecks {
  SeveralOptimizersTest() {
    super(() -> new ReferenceProvider().open(DeviceSpec.DEFAULT));
  }
}
