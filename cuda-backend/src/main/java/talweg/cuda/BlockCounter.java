package talweg.cuda;

import java.lang.foreign.MemorySegment;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/**
 * Eight bytes of device memory in which the blocks of a launch count, so that the last of them
 * knows it. They are 0 between launches: the last block sees to that.
 */
final class BlockCounter {
  private final Device device;
  private DeviceBuffer buffer;

  BlockCounter(Device device) {
    this.device = device;
  }

  long address() {
    if (buffer == null) {
      buffer = device.allocate(DType.I64, 1);
      device.upload(MemorySegment.ofArray(new long[1]), View.contiguous(buffer, 0, Shape.of(1)));
    }
    return buffer.address();
  }

  void release() {
    if (buffer != null) {
      device.release(buffer);
      buffer = null;
    }
  }
}
