package talweg.cuda;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import talweg.backend.FusedLayersChecks;
import talweg.cuda.sim.Schedule;
import talweg.cuda.sim.SimulatedCuda;
import talweg.cuda.sim.SimulatedGpu;
import talweg.op.FusedOp;
import talweg.spi.DeviceSpec;

@ExtendWith(SimulatedCuda.class)
class FusedLayersTest extends FusedLayersChecks {
  FusedLayersTest() {
    super(() -> new CudaProvider().open(DeviceSpec.DEFAULT));
  }

  /** Windows are products and reductions here. */
  @Override
  protected boolean offers(FusedOp op) {
    return !(op instanceof FusedOp.Convolution || op instanceof FusedOp.MaxPool);
  }

  /** The order in which a missing barrier shows. */
  @BeforeEach
  void schedule(SimulatedGpu gpu) {
    gpu.schedule(Schedule.BACKWARD);
  }
}
