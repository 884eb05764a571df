package talweg.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import talweg.cuda.sim.SimulatedCuda;
import talweg.cuda.sim.SimulatedGpu;
import talweg.spi.Backend;
import talweg.spi.Buffer;
import talweg.spi.DeviceSpec;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/** The backend over the simulated driver: the way through JCuda, the jumps and the upcalls. */
@ExtendWith(SimulatedCuda.class)
class SimulatedDeviceTest {
  @Test
  void opensUploadsAndDownloads(SimulatedGpu gpu) {
    try (Backend backend = new CudaProvider().open(DeviceSpec.DEFAULT)) {
      Buffer buffer = backend.allocate(DType.F32, 5);
      View view = View.contiguous(buffer, 0, Shape.of(5));
      backend.upload(MemorySegment.ofArray(new float[] {1, 2, 3, 4, 5}), view);
      float[] result = new float[5];
      backend.download(view, MemorySegment.ofArray(result));
      backend.release(buffer);
      assertArrayEquals(new float[] {1, 2, 3, 4, 5}, result);
    }
  }
}
