package talweg.cuda;

import java.lang.foreign.MemorySegment;
import talweg.spi.View;

/**
 * One launch being put together: arguments in the order of the kernel's parameters, then {@link
 * #run}. Each is checked against the signature under assertions, and so is their number.
 */
final class Launch {
  /** Further grid extents, 1 without this call. */
  Launch grid(int y, int z) {
    throw new UnsupportedOperationException();
  }

  /** Bytes of dynamic shared memory, 0 without this call. */
  Launch shared(int bytes) {
    throw new UnsupportedOperationException();
  }

  /** The address of a view's first element, 0 for null. */
  Launch pointer(View view) {
    return pointer(view == null ? 0 : DeviceBuffer.address(view));
  }

  Launch pointer(long address) {
    throw new UnsupportedOperationException();
  }

  Launch i32(int value) {
    throw new UnsupportedOperationException();
  }

  Launch i64(long value) {
    throw new UnsupportedOperationException();
  }

  Launch f64(double value) {
    throw new UnsupportedOperationException();
  }

  /** A structure, copied at once. */
  Launch layout(MemorySegment structure) {
    throw new UnsupportedOperationException();
  }

  /** Issues the kernel on the session's stream. */
  void run() {
    throw new UnsupportedOperationException();
  }
}
