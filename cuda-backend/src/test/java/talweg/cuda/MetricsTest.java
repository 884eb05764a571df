package talweg.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import talweg.cuda.sim.Schedule;
import talweg.cuda.sim.SimulatedCuda;
import talweg.cuda.sim.SimulatedGpu;
import talweg.spi.DeviceSpec;
import talweg.train.MetricsChecks;

@ExtendWith(SimulatedCuda.class)
class MetricsTest extends MetricsChecks {
  MetricsTest() {
    super(() -> new CudaProvider().open(DeviceSpec.DEFAULT));
  }

  /** The order in which a missing barrier shows. */
  @BeforeEach
  void schedule(SimulatedGpu gpu) {
    gpu.schedule(Schedule.BACKWARD);
  }

  @Test
  void aBatchIsOneLaunch(SimulatedGpu gpu) {
    replaysAddAgain();
    assertEquals(3, gpu.launches("score_f32"), gpu.launches()::toString);
  }
}
