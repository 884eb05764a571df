package talweg.cuda;

import org.junit.jupiter.api.extension.ExtendWith;
import talweg.backend.SegmentTables;
import talweg.cuda.sim.SimulatedCuda;
import talweg.spi.DeviceSpec;

@ExtendWith(SimulatedCuda.class)
class SegmentTablesTest extends SegmentTables {
  SegmentTablesTest() {
    super(() -> new CudaProvider().open(DeviceSpec.DEFAULT));
  }
}
