package talweg.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.Locale;
import talweg.kernels.KernelSignature.Parameter;
import talweg.spi.View;

/**
 * One launch being put together: arguments in the order of the kernel's parameters, then {@link
 * #run}. Each is checked against the signature under assertions, and so is their number.
 */
final class Launch {
  private final Stream stream;
  private KernelFunction kernel;
  private MemorySegment arguments;
  private int next;
  private int gridX;
  private int gridY;
  private int gridZ;
  private int threads;
  private int shared;

  Launch(Stream stream) {
    this.stream = stream;
  }

  Launch begin(KernelFunction kernel, long blocks, int threads) {
    assert blocks > 0 && threads > 0 : kernel.name() + ": " + blocks + " x " + threads;
    this.kernel = kernel;
    this.arguments = kernel.arguments();
    this.next = 0;
    this.gridX = Math.toIntExact(blocks);
    this.gridY = 1;
    this.gridZ = 1;
    this.threads = threads;
    this.shared = 0;
    return this;
  }

  /** Further grid extents, 1 without this call. */
  Launch grid(int y, int z) {
    gridY = y;
    gridZ = z;
    return this;
  }

  /** Bytes of dynamic shared memory, 0 without this call. */
  Launch shared(int bytes) {
    kernel.allowShared(bytes, stream.driver(), stream.faults());
    shared = bytes;
    return this;
  }

  /** The address of a view's first element, 0 for null. */
  Launch pointer(View view) {
    return pointer(view == null ? 0 : DeviceBuffer.address(view));
  }

  Launch pointer(long address) {
    arguments.set(JAVA_LONG, offset(Parameter.POINTER), address);
    return this;
  }

  Launch i32(int value) {
    arguments.set(JAVA_INT, offset(Parameter.I32), value);
    return this;
  }

  Launch i64(long value) {
    arguments.set(JAVA_LONG, offset(Parameter.I64), value);
    return this;
  }

  Launch f32(float value) {
    arguments.set(JAVA_FLOAT, offset(Parameter.F32), value);
    return this;
  }

  Launch f64(double value) {
    arguments.set(JAVA_DOUBLE, offset(Parameter.F64), value);
    return this;
  }

  /** A structure, copied at once. */
  Launch layout(MemorySegment structure) {
    assert structure.byteSize() <= kernel.room(next) : kernel.name() + ": " + structure;
    MemorySegment.copy(
        structure,
        JAVA_BYTE,
        0,
        arguments,
        JAVA_BYTE,
        offset(Parameter.LAYOUT),
        structure.byteSize());
    return this;
  }

  private long offset(Parameter type) {
    assert next < kernel.parameterCount() && kernel.parameter(next) == type
        : String.format(Locale.ROOT, "%s: argument %d is a %s", kernel.name(), next, type);
    return kernel.offset(next++);
  }

  /** Issues the kernel on the session's stream. */
  void run() {
    assert next == kernel.parameterCount()
        : String.format(
            Locale.ROOT,
            "%s: got %d of %d arguments",
            kernel.name(),
            next,
            kernel.parameterCount());
    stream.launch(kernel, gridX, gridY, gridZ, threads, shared);
  }
}
