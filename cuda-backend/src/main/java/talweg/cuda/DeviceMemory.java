package talweg.cuda;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import jcuda.driver.CUresult;
import talweg.error.OutOfMemoryException;
import talweg.session.MemoryUse;

/**
 * Memory of the device. Where the device has memory pools it is taken and returned in the order of
 * a stream's work, so that neither waits; what was returned stays with the process for the next
 * request.
 */
final class DeviceMemory implements AutoCloseable {
  private static final int RELEASE_THRESHOLD = 4;

  private final Driver driver;
  private final Faults faults;
  private final Context context;
  private final Stream stream;

  /** Used while the session's stream records: memory must not become a part of the recording. */
  private final Stream aside;

  private final MemorySegment result = Arena.ofAuto().allocate(JAVA_LONG);
  private final long pool;

  /** Sizes by address, of everything that was not returned yet. */
  private final Map<Long, Long> held = new HashMap<>();

  private long bytesHeld;

  DeviceMemory(Driver driver, Faults faults, Context context, Stream stream, Stream aside) {
    this.driver = driver;
    this.faults = faults;
    this.context = context;
    this.stream = stream;
    this.aside = aside;
    this.pool = context.hasPools() ? openPool() : 0;
  }

  private long openPool() {
    faults.check(
        driver.defaultPool(result.address(), context.description().index()),
        "cuDeviceGetDefaultMemPool");
    long found = result.get(JAVA_LONG, 0);
    // Without a threshold each synchronisation would return all idle memory to the system.
    result.set(JAVA_LONG, 0, Long.MAX_VALUE);
    faults.check(
        driver.setPoolAttribute(found, RELEASE_THRESHOLD, result.address()),
        "cuMemPoolSetAttribute");
    return found;
  }

  /**
   * Takes memory, aligned to 256 bytes.
   *
   * @throws OutOfMemoryException if there is too little left
   */
  long allocate(long bytes) {
    faults.requireUsable();
    context.makeCurrent();
    long size = Math.max(bytes, 1);
    int code = tryAllocate(size);
    if (code == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
      giveBackIdle();
      code = tryAllocate(size);
    }
    if (code == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
      throw outOfMemory(bytes);
    }
    faults.check(code, call("cuMemAlloc"));
    long address = result.get(JAVA_LONG, 0);
    held.put(address, size);
    bytesHeld += size;
    return address;
  }

  private int tryAllocate(long bytes) {
    if (pool == 0) {
      return driver.allocate(result.address(), bytes);
    }
    int code = driver.allocate(result.address(), bytes, stream().handle());
    if (code == 0 && stream.isCapturing()) {
      // What is recorded does not wait for the other stream, so the host does.
      code = driver.awaitStream(aside.handle());
      if (code != 0) {
        free(result.get(JAVA_LONG, 0));
      }
    }
    return code;
  }

  /** Makes memory that was returned, but is still kept for this process, available again. */
  private void giveBackIdle() {
    if (!stream.isCapturing()) {
      stream.synchronize();
    }
    aside.synchronize();
    if (pool != 0) {
      faults.check(driver.trimPool(pool, 0), "cuMemPoolTrimTo");
    }
  }

  private OutOfMemoryException outOfMemory(long bytes) {
    long[] memory = context.memory();
    String call = call("cuMemAlloc");
    return new OutOfMemoryException(
        String.format(
            Locale.ROOT,
            "cuda:%d (%s): %s were asked for, %s of %s are free",
            context.description().index(),
            context.description().name(),
            MemoryUse.text(bytes),
            MemoryUse.text(memory[0]),
            MemoryUse.text(memory[1])),
        "use smaller batches, or end other programs on this device",
        faults.failed(CUresult.CUDA_ERROR_OUT_OF_MEMORY, call, null));
  }

  /** Bytes that this session has, or could still get. */
  long available() {
    context.makeCurrent();
    giveBackIdle();
    return context.memory()[0] + bytesHeld;
  }

  /** Returns memory; work that was issued before may still use it. */
  void release(long address) {
    Long size = held.remove(address);
    assert size != null : "released twice, or never allocated: 0x" + Long.toHexString(address);
    bytesHeld -= size;
    context.tryMakeCurrent();
    int code = free(address);
    // After a fatal error it most likely went with the context, and the driver says so.
    if (!faults.isFatal()) {
      faults.check(code, call("cuMemFree"));
    }
  }

  private int free(long address) {
    return pool == 0 ? driver.free(address) : driver.free(address, stream().handle());
  }

  private Stream stream() {
    return stream.isCapturing() ? aside : stream;
  }

  private String call(String name) {
    return pool == 0 ? name : name + "Async";
  }

  /** Returns all that is still held, and what is kept idle, to the system. */
  @Override
  public void close() {
    held.keySet().forEach(this::free);
    if (pool != 0 && driver.awaitStream(stream.handle()) == 0) {
      driver.trimPool(pool, 0);
    }
    held.clear();
  }
}
