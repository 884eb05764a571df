package talweg.cuda;

import talweg.spi.Buffer;
import talweg.spi.View;
import talweg.tensor.DType;

/** Memory on the device: an address that the host never reads. */
record DeviceBuffer(DType dtype, long length, long address) implements Buffer {
  /** Where the first element of a view lies. */
  static long address(View view) {
    DeviceBuffer buffer = (DeviceBuffer) view.buffer();
    return buffer.address + view.offset() * buffer.dtype.bytes();
  }
}
