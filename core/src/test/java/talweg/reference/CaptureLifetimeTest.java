package talweg.reference;

import talweg.backend.CaptureChecks;
import talweg.spi.DeviceSpec;

class CaptureLifetimeTest extends CaptureChecks {
  CaptureLifetimeTest() {
    super(() -> new ReferenceProvider().open(DeviceSpec.DEFAULT));
  }
}
