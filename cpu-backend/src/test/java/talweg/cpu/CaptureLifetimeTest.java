package talweg.cpu;

import talweg.backend.CaptureChecks;
import talweg.spi.DeviceSpec;

class CaptureLifetimeTest extends CaptureChecks {
  CaptureLifetimeTest() {
    super(() -> new CpuProvider().open(DeviceSpec.DEFAULT));
  }
}
