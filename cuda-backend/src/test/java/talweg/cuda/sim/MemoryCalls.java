package talweg.cuda.sim;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;

/** Allocation, copies and fills. */
final class MemoryCalls {
  private static final long DEFAULT_POOL = 0x9001L;

  private final SimulatedGpu gpu;

  MemoryCalls(SimulatedGpu gpu) {
    this.gpu = gpu;
  }

  @Rule
  int cuMemGetInfo_v2(long free, long total) {
    Host.putLong(free, gpu.memory.capacity() - gpu.memory.used());
    Host.putLong(total, gpu.memory.capacity());
    return 0;
  }

  @Rule
  int cuMemAlloc_v2(long address, long bytes) {
    forbidUnlessRelaxed();
    Host.putLong(address, allocate(bytes));
    return 0;
  }

  /** Allocating or freeing at once may stop the device: only a relaxed capture bears it. */
  private void forbidUnlessRelaxed() {
    for (SimulatedStream stream : gpu.streams.all()) {
      if (stream.capturing() && !stream.capture().relaxed()) {
        stream.capture().invalidate();
        throw new CuError(CuResult.CAPTURE_UNSUPPORTED, "not while a stream captures");
      }
    }
  }

  private long allocate(long bytes) {
    CuError.require(bytes > 0, CuResult.INVALID_VALUE, "an allocation of 0 bytes");
    long address = gpu.memory.allocate(bytes);
    CuError.require(address != 0, CuResult.OUT_OF_MEMORY, bytes + " bytes are not free");
    return address;
  }

  @Rule(failsAfterwards = true)
  int cuMemFree_v2(long address) {
    forbidUnlessRelaxed();
    gpu.finishAll();
    free(address);
    return 0;
  }

  private void free(long address) {
    if (!gpu.memory.free(address)) {
      boolean twice = gpu.memory.wasFreed(address);
      throw new CuError(
          CuResult.INVALID_VALUE,
          "0x" + Long.toHexString(address) + (twice ? " was freed before" : " is no allocation"));
    }
  }

  @Rule
  int cuMemAllocAsync(long address, long bytes, long stream) {
    outsideCapture(gpu.stream(stream));
    Host.putLong(address, allocate(bytes));
    return 0;
  }

  @Rule(failsAfterwards = true)
  int cuMemFreeAsync(long address, long stream) {
    SimulatedStream on = gpu.stream(stream);
    outsideCapture(on);
    check(address, 1);
    gpu.enqueue(on, new Work("free", () -> free(address)));
    return 0;
  }

  /** The real driver would make the memory a part of the graph, which is never what we want. */
  private static void outsideCapture(SimulatedStream stream) {
    if (stream.capturing()) {
      stream.capture().invalidate();
      throw new CuError(CuResult.CAPTURE_UNSUPPORTED, "memory nodes of graphs are not simulated");
    }
  }

  @Rule(context = false)
  int cuDeviceGetDefaultMemPool(long pool, int device) {
    Host.putLong(pool, DEFAULT_POOL + device);
    return 0;
  }

  @Rule
  int cuMemPoolSetAttribute(long pool, int attribute, long value) {
    pool(pool);
    CuError.require(attribute >= 1 && attribute <= 8, CuResult.INVALID_VALUE, "attribute");
    Host.getLong(value);
    return 0;
  }

  @Rule
  int cuMemPoolTrimTo(long pool, long bytes) {
    pool(pool);
    return 0;
  }

  private void pool(long handle) {
    long device = handle - DEFAULT_POOL;
    CuError.require(
        device >= 0 && device < gpu.model.devices(), CuResult.INVALID_VALUE, "no such pool");
  }

  @Rule
  @SuppressWarnings("MustBeClosed") // closed by cuMemFreeHost, or with the context
  int cuMemHostAlloc(long address, long bytes, int flags) {
    CuError.require(bytes > 0, CuResult.INVALID_VALUE, "an allocation of 0 bytes");
    Arena arena = Arena.ofShared();
    MemorySegment memory = arena.allocate(bytes, 4096);
    gpu.pinned.put(memory.address(), new SimulatedGpu.Pinned(arena, bytes));
    Host.putLong(address, memory.address());
    return 0;
  }

  @Rule
  int cuMemAllocHost_v2(long address, long bytes) {
    return cuMemHostAlloc(address, bytes, 0);
  }

  @Rule(failsAfterwards = true)
  int cuMemFreeHost(long address) {
    gpu.finishAll();
    SimulatedGpu.Pinned memory = gpu.pinned.remove(address);
    CuError.require(memory != null, CuResult.INVALID_VALUE, "no pinned memory at this address");
    memory.arena().close();
    return 0;
  }

  @Rule(whileCapturing = CuResult.CAPTURE_IMPLICIT)
  int cuMemcpyHtoD_v2(long target, long source, long bytes) {
    gpu.finish(gpu.defaultStream);
    copyIn(target, source, bytes);
    return 0;
  }

  @Rule(whileCapturing = CuResult.CAPTURE_IMPLICIT)
  int cuMemcpyDtoH_v2(long target, long source, long bytes) {
    gpu.finish(gpu.defaultStream);
    copyOut(target, source, bytes);
    return 0;
  }

  /** Memory that is not pinned is read at once, as the driver does. */
  @Rule
  int cuMemcpyHtoDAsync_v2(long target, long source, long bytes, long stream) {
    check(target, bytes);
    SimulatedStream on = gpu.stream(stream);
    boolean later = isPinned(source, bytes);
    requirePinned(on, later);
    if (later || !gpu.deferring()) {
      gpu.issue(on, new Work("copy to device", () -> copyIn(target, source, bytes)));
    } else {
      byte[] content = Host.segment(source, bytes).toArray(ValueLayout.JAVA_BYTE);
      Runnable copy = () -> device(target, bytes).copyFrom(MemorySegment.ofArray(content));
      gpu.issue(on, new Work("copy to device", copy));
    }
    return 0;
  }

  /** Memory that is not pinned is written before this returns, as the driver does. */
  @Rule
  int cuMemcpyDtoHAsync_v2(long target, long source, long bytes, long stream) {
    check(source, bytes);
    SimulatedStream on = gpu.stream(stream);
    boolean later = isPinned(target, bytes);
    requirePinned(on, later);
    gpu.issue(on, new Work("copy to host", () -> copyOut(target, source, bytes)));
    if (!later) {
      gpu.finish(on);
    }
    return 0;
  }

  @Rule
  int cuMemcpyDtoDAsync_v2(long target, long source, long bytes, long stream) {
    check(target, bytes);
    check(source, bytes);
    SimulatedStream on = gpu.stream(stream);
    gpu.issue(
        on,
        new Work(
            "copy within device",
            () -> gpu.memory.segment(target, bytes).copyFrom(gpu.memory.segment(source, bytes))));
    return 0;
  }

  private boolean isPinned(long host, long bytes) {
    Map.Entry<Long, SimulatedGpu.Pinned> block = gpu.pinned.floorEntry(host);
    return block != null && host + bytes <= block.getKey() + block.getValue().bytes();
  }

  /** A replay would read or write the host's memory later: it must be there still. */
  private static void requirePinned(SimulatedStream stream, boolean pinned) {
    if (stream.capturing() && !pinned) {
      stream.capture().invalidate();
      throw new CuError(CuResult.CAPTURE_UNSUPPORTED, "a copy of host memory not pinned");
    }
  }

  private void copyIn(long target, long source, long bytes) {
    if (bytes > 0) {
      device(target, bytes).copyFrom(Host.segment(source, bytes));
    }
  }

  private void copyOut(long target, long source, long bytes) {
    if (bytes > 0) {
      Host.segment(target, bytes).copyFrom(device(source, bytes));
    }
  }

  /** The driver refuses a copy beyond an allocation at once, without harm to the context. */
  private MemorySegment device(long address, long bytes) {
    check(address, bytes);
    return gpu.memory.segment(address, bytes);
  }

  private void check(long address, long bytes) {
    if (bytes > 0) {
      try {
        gpu.memory.find(address, bytes);
      } catch (PtxFault fault) {
        throw new CuError(CuResult.INVALID_VALUE, fault.getMessage());
      }
    }
  }

  @Rule
  int cuMemsetD8Async(long target, byte value, long count, long stream) {
    check(target, count);
    Runnable fill = () -> gpu.memory.segment(target, count).fill(value);
    gpu.issue(gpu.stream(stream), new Work("memset", fill));
    return 0;
  }

  @Rule
  int cuMemsetD32Async(long target, int value, long count, long stream) {
    check(target, count * 4);
    CuError.require(target % 4 == 0, CuResult.INVALID_VALUE, "misaligned");
    Runnable fill =
        () -> {
          MemorySegment memory = gpu.memory.segment(target, count * 4);
          for (long i = 0; i < count; i++) {
            memory.set(ValueLayout.JAVA_INT_UNALIGNED, i * 4, value);
          }
        };
    gpu.issue(gpu.stream(stream), new Work("memset", fill));
    return 0;
  }
}
