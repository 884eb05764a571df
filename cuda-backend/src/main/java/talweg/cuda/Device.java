package talweg.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import jcuda.driver.CUstream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import talweg.error.BackendUnavailableException;
import talweg.error.CudaException;
import talweg.spi.DeviceSpec;
import talweg.spi.Precision;
import talweg.spi.Replay;
import talweg.spi.View;
import talweg.tensor.DType;

/**
 * One GPU in use: its context, stream, memory and kernels. What a family of operations is given to
 * work with.
 */
final class Device implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Device.class);

  private static final long STAGING_BYTES = 2 << 20;

  private final Faults faults = new Faults();
  private final Precision precision;
  private final Context context;
  private final Stream stream;
  private final Stream aside;
  private final Kernels kernels;
  private final DeviceMemory memory;
  private final ScratchMemory scratch;
  private final Staging staging;
  private final Graphs graphs;

  /** What closes the parts that were opened, the last one first. */
  private final Deque<Runnable> closing = new ArrayDeque<>();

  /**
   * Opens a device.
   *
   * @throws BackendUnavailableException if it does not exist or cannot be used
   */
  static Device open(DeviceSpec spec) {
    SymbolLookup library = DriverLibrary.open();
    DriverLibrary.bindJCuda();
    try {
      return new Device(new Driver(library), spec);
    } catch (CudaException e) {
      throw new BackendUnavailableException(
          String.format(Locale.ROOT, "cuda:%d cannot be opened: %s", spec.index(), e.getMessage()),
          e);
    }
  }

  private Device(Driver driver, DeviceSpec spec) {
    precision = spec.precision();
    context = new Context(driver, faults, spec.index());
    closing.push(context::close);
    try {
      stream = new Stream(driver, faults, context);
      closing.push(stream::close);
      aside = new Stream(driver, faults, context);
      closing.push(aside::close);
      kernels = new Kernels(stream, context.description().capability());
      closing.push(kernels::close);
      memory = new DeviceMemory(driver, faults, context, stream, aside);
      closing.push(memory::close);
      scratch = new ScratchMemory(memory, stream);
      staging = new Staging(driver, faults, stream, STAGING_BYTES);
      closing.push(staging::close);
      graphs = new Graphs(faults, stream, scratch);
      closing.push(graphs::close);
      closing.push(this::awaitEnd);
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** Launches kernels on this device's stream. */
  Kernels kernels() {
    return kernels;
  }

  /** The driver's handle of the stream, for libraries that issue work on it. */
  long stream() {
    return stream.handle();
  }

  /** The same for JCuda's libraries. */
  CUstream jcudaStream() {
    return stream.jcuda();
  }

  /** Must be called before work is issued by other ways than {@link #kernels}. */
  void makeCurrent() {
    faults.requireUsable();
    context.makeCurrent();
  }

  /**
   * To be called after a library was asked to issue work. Waits for it if {@code talweg.cuda.sync}
   * says so, to name it if it fails.
   *
   * @param what the library's function
   */
  void issued(String what) {
    stream.check(0, "cuStreamSynchronize", what);
  }

  /** Whether work is being recorded rather than done. */
  boolean isCapturing() {
    return stream.isCapturing();
  }

  /** Number of streaming multiprocessors, for the size of grids. */
  int multiprocessors() {
    return context.description().multiprocessors();
  }

  /** Compute capability as one number, e.g. 90. */
  int capability() {
    return context.description().capability();
  }

  /**
   * Address of at least so much working memory, aligned to 256 bytes. It belongs to the next
   * launches until somebody else asks for the same slot; work on one stream runs in order, so
   * kernels of one call after the other may share it. Never moves while a captured step uses it.
   */
  long scratch(Scratch slot, long bytes) {
    return scratch.address(slot, bytes);
  }

  /** Users of working memory that must not share. */
  enum Scratch {
    REDUCTION,
    MEASURE,
    UPDATE,
    GEMM,
    GEMM_OPERANDS,
    LAYERS
  }

  /** For people: the model, memory and driver. */
  String describe() {
    return context.description().toString();
  }

  /** Of products of F32 matrices. */
  Precision precision() {
    return precision;
  }

  /** Bytes that this session has, or could still get. */
  long memoryBytes() {
    return memory.available();
  }

  DeviceBuffer allocate(DType dtype, long length) {
    return new DeviceBuffer(dtype, length, memory.allocate(length * dtype.bytes()));
  }

  void release(DeviceBuffer buffer) {
    memory.release(buffer.address());
  }

  void synchronize() {
    stream.synchronize();
  }

  /** The host's memory may be longer than the view. */
  void upload(MemorySegment host, View out) {
    makeCurrent();
    MemorySegment source = host.asSlice(0, bytes(out));
    if (stream.isCapturing()) {
      // Done once, before what is recorded runs, and not with each replay.
      staging.upload(source, DeviceBuffer.address(out), aside);
      aside.synchronize();
    } else {
      staging.upload(source, DeviceBuffer.address(out), stream);
    }
  }

  /** The host's memory may be longer than the view. */
  void download(View in, MemorySegment host) {
    makeCurrent();
    staging.download(DeviceBuffer.address(in), host.asSlice(0, bytes(in)));
  }

  private static long bytes(View view) {
    return view.size() * view.dtype().bytes();
  }

  /** Records what body issues as a graph and runs that once. */
  Replay capture(Runnable body) {
    return graphs.capture(body);
  }

  /** Returns everything. An error that ended the work before is not followed by others. */
  @Override
  public void close() {
    context.tryMakeCurrent();
    closing.forEach(Runnable::run);
    closing.clear();
  }

  /** Work that failed and that nobody asked about must not go without a word. */
  private void awaitEnd() {
    int code = faults.isFatal() ? 0 : stream.tryAwait();
    if (code != 0) {
      LOG.warn("{}", faults.failed(code, "cuStreamSynchronize", null).getMessage());
    }
  }
}
