package talweg.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;
import talweg.error.ShapeException;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/**
 * A note on the device of the first index that was out of range. Kernels write it, the host reads
 * it when it waits for the device anyway, and only in sessions that use indices.
 */
final class IndexFaults {
  /** What the kernels write: operation (0: no fault), index, extent. */
  private static final int LENGTH = 3;

  private final Device device;
  private DeviceBuffer buffer;

  IndexFaults(Device device) {
    this.device = device;
  }

  /** Address of the note. */
  long address() {
    if (buffer == null) {
      buffer = device.allocate(DType.I64, LENGTH);
      clear();
    }
    return buffer.address();
  }

  /** Raises what was noted since the last check. All work issued must be done. */
  void check() {
    if (buffer == null) {
      return;
    }
    long[] note = new long[LENGTH];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(ValueLayout.JAVA_LONG, LENGTH);
      device.download(view(), host);
      MemorySegment.copy(host, ValueLayout.JAVA_LONG, 0, note, 0, LENGTH);
    }
    if (note[0] != 0) {
      clear();
      throw new ShapeException(message((int) note[0], note[1], note[2]));
    }
  }

  private static String message(int operation, long index, long extent) {
    return operation == 3
        ? String.format(
            Locale.ROOT,
            "cross_entropy: class %d is out of range; expected 0..%d",
            index,
            extent - 1)
        : String.format(
            Locale.ROOT,
            "%s: index %d is out of range for an axis of extent %d: expected 0 <= index < %d",
            operation == 1 ? "gather" : "scatteradd",
            index,
            extent,
            extent);
  }

  void release() {
    if (buffer != null) {
      device.release(buffer);
      buffer = null;
    }
  }

  private void clear() {
    try (Arena arena = Arena.ofConfined()) {
      device.upload(arena.allocate(ValueLayout.JAVA_LONG, LENGTH), view());
    }
  }

  private View view() {
    return View.contiguous(buffer, 0, Shape.of(LENGTH));
  }
}
