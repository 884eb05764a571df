package talweg.cuda.sim;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/** Devices and contexts. */
final class DeviceCalls {
  private static final long FIRST_CONTEXT = 0xc0de_0000L;

  private final SimulatedGpu gpu;
  private final Map<Integer, MemorySegment> names = new HashMap<>();

  DeviceCalls(SimulatedGpu gpu) {
    this.gpu = gpu;
  }

  @Rule(context = false)
  int cuInit(int flags) {
    CuError.require(flags == 0, CuResult.INVALID_VALUE, "flags must be 0");
    CuError.require(gpu.model.devices() > 0, CuResult.NO_DEVICE, "no device");
    gpu.initialize();
    return 0;
  }

  @Rule(context = false)
  int cuDriverGetVersion(long version) {
    Host.putInt(version, gpu.model.driverVersion());
    return 0;
  }

  @Rule(context = false)
  int cuDeviceGetCount(long count) {
    Host.putInt(count, gpu.model.devices());
    return 0;
  }

  @Rule(context = false)
  int cuDeviceGet(long device, int ordinal) {
    Host.putInt(device, checked(ordinal));
    return 0;
  }

  private int checked(int device) {
    CuError.require(gpu.initialized(), CuResult.NOT_INITIALIZED, "cuInit was not called");
    CuError.require(
        device >= 0 && device < gpu.model.devices(), CuResult.INVALID_DEVICE, "no such device");
    return device;
  }

  @Rule(context = false)
  int cuDeviceGetName(long name, int length, int device) {
    checked(device);
    byte[] text = gpu.model.name().getBytes(StandardCharsets.US_ASCII);
    int n = Math.min(text.length, length - 1);
    MemorySegment target = Host.segment(name, n + 1L);
    MemorySegment.copy(MemorySegment.ofArray(text), 0, target, 0, n);
    target.set(java.lang.foreign.ValueLayout.JAVA_BYTE, n, (byte) 0);
    return 0;
  }

  @Rule(context = false)
  int cuDeviceTotalMem_v2(long bytes, int device) {
    checked(device);
    Host.putLong(bytes, gpu.memory.capacity());
    return 0;
  }

  @Rule(context = false)
  int cuDeviceGetUuid_v2(long uuid, int device) {
    Host.segment(uuid, 16).fill((byte) (checked(device) + 1));
    return 0;
  }

  /** The numbers are those of CUdevice_attribute. */
  @Rule(context = false)
  int cuDeviceGetAttribute(long value, int attribute, int device) {
    checked(device);
    int answer =
        switch (attribute) {
          case 1, 2, 3 -> attribute == 3 ? 64 : 1024; // largest block, and along x, y, z
          case 4 -> 64;
          case 5 -> Integer.MAX_VALUE; // largest grid
          case 6, 7 -> 65_535;
          case 8, 97 -> attribute == 8 ? 48 << 10 : 227 << 10; // shared memory a block, opt-in
          case 10 -> Warp.LANES;
          case 16 -> gpu.model.multiprocessors();
          case 39 -> 2048; // threads of a multiprocessor
          case 41 -> 1; // unified addressing
          case 38 -> 4 << 20; // L2 cache
          case 75 -> gpu.model.capability() / 10;
          case 76 -> gpu.model.capability() % 10;
          case 115 -> gpu.model.pools() ? 1 : 0;
          default ->
              throw new CuError(CuResult.NOT_SUPPORTED, "attribute " + attribute + " is unknown");
        };
    Host.putInt(value, answer);
    return 0;
  }

  @Rule(context = false)
  int cuDevicePrimaryCtxRetain(long context, int device) {
    gpu.retain(checked(device));
    Host.putLong(context, FIRST_CONTEXT + device);
    return 0;
  }

  @Rule(context = false, failsAfterwards = true)
  int cuDevicePrimaryCtxRelease_v2(int device) {
    gpu.release(checked(device));
    return 0;
  }

  @Rule(context = false)
  int cuCtxSetCurrent(long context) {
    long device = context - FIRST_CONTEXT;
    CuError.require(
        context == 0 || device >= 0 && device < gpu.model.devices(),
        CuResult.INVALID_CONTEXT,
        "no such context");
    gpu.currentContext.set(context);
    return 0;
  }

  @Rule(context = false)
  int cuCtxGetCurrent(long context) {
    Host.putLong(context, gpu.currentContext.get());
    return 0;
  }

  @Rule(whileCapturing = CuResult.CAPTURE_UNSUPPORTED)
  int cuCtxSynchronize() {
    gpu.finishAll();
    return gpu.sticky();
  }

  @Rule(context = false)
  int cuGetErrorName(int error, long text) {
    Host.putLong(text, text("CUDA_ERROR_" + error, error));
    return 0;
  }

  @Rule(context = false)
  int cuGetErrorString(int error, long text) {
    Host.putLong(text, text("error " + error + " of the simulated driver", -1 - error));
    return 0;
  }

  /** Texts of the driver live as long as the process. */
  private long text(String value, int key) {
    return names.computeIfAbsent(key, k -> Arena.global().allocateFrom(value)).address();
  }
}
