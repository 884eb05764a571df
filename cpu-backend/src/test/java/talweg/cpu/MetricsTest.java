package talweg.cpu;

import talweg.spi.DeviceSpec;
import talweg.train.MetricsChecks;

class MetricsTest extends MetricsChecks {
  MetricsTest() {
    super(() -> new CpuProvider().open(DeviceSpec.DEFAULT));
  }
}
