package talweg.cpu;

import talweg.backend.OperandTypesChecks;
import talweg.spi.DeviceSpec;

class OperandTypesTest extends OperandTypesChecks {
  OperandTypesTest() {
    super(() -> new CpuBackend(DeviceSpec.DEFAULT));
  }
}
