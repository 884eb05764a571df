package talweg.cpu;

import talweg.backend.SegmentTables;
import talweg.spi.DeviceSpec;

class SegmentTablesTest extends SegmentTables {
  SegmentTablesTest() {
    super(() -> new CpuBackend(DeviceSpec.DEFAULT));
  }
}
