package talweg.cuda.sim;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Modules, functions and launches. */
final class ModuleCalls {
  private static final int MOST_THREADS = 1024;
  private static final int MOST_SHARED = 227 << 10;
  private static final int MAX_DYNAMIC_SHARED = 8;
  private static final int ERROR_LOG_BUFFER = 5;
  private static final int ERROR_LOG_BUFFER_SIZE = 6;

  private final SimulatedGpu gpu;

  ModuleCalls(SimulatedGpu gpu) {
    this.gpu = gpu;
  }

  @Rule(whileCapturing = CuResult.CAPTURE_UNSUPPORTED)
  int cuModuleLoadData(long module, long image) {
    PtxModule parsed;
    try {
      parsed = gpu.parse(Host.text(image));
    } catch (PtxFault fault) {
      throw new CuError(fault.code(), fault.getMessage());
    }
    CuError.require(
        parsed.target() <= gpu.model.capability(),
        209, // NO_BINARY_FOR_GPU
        "made for sm_" + parsed.target() + ", the device has " + gpu.model.capability());
    Host.putLong(module, gpu.modules.add(new LoadedModule(parsed, gpu.memory)));
    return 0;
  }

  @Rule(whileCapturing = CuResult.CAPTURE_UNSUPPORTED)
  int cuModuleLoadDataEx(long module, long image, int count, long options, long values) {
    try {
      return cuModuleLoadData(module, image);
    } catch (CuError e) {
      log(e.getMessage(), count, options, values);
      throw e;
    }
  }

  /** Puts what the compiler says into the caller's buffer, as CUjit_option numbers it. */
  private static void log(String message, int count, long options, long values) {
    long buffer = 0;
    long size = 0;
    for (int i = 0; i < count; i++) {
      int option = Host.getInt(options + 4L * i);
      long value = Host.getLong(values + 8L * i);
      buffer = option == ERROR_LOG_BUFFER ? value : buffer;
      size = option == ERROR_LOG_BUFFER_SIZE ? value : size;
    }
    if (buffer != 0) {
      byte[] text = message.getBytes(StandardCharsets.ISO_8859_1);
      int length = Math.toIntExact(Math.min(text.length, size - 1));
      MemorySegment.copy(text, 0, Host.segment(buffer, size), ValueLayout.JAVA_BYTE, 0, length);
      Host.segment(buffer, size).set(ValueLayout.JAVA_BYTE, length, (byte) 0);
    }
  }

  @Rule(failsAfterwards = true)
  int cuModuleUnload(long module) {
    gpu.finishAll();
    gpu.modules.remove(module).unload();
    return 0;
  }

  @Rule
  int cuModuleGetFunction(long function, long module, long name) {
    LoadedModule loaded = gpu.modules.get(module);
    String text = Host.name(name);
    CuError.require(loaded.has(text), CuResult.NOT_FOUND, "no kernel " + text);
    try {
      long handle = gpu.functions.add(new SimulatedGpu.Function(loaded, loaded.kernel(text)));
      Host.putLong(function, handle);
    } catch (PtxFault fault) {
      throw new CuError(fault.code(), fault.getMessage());
    }
    return 0;
  }

  /** The numbers are those of CUfunction_attribute. */
  @Rule
  int cuFuncGetAttribute(long value, int attribute, long function) {
    SimulatedGpu.Function f = gpu.functions.get(function);
    int answer =
        switch (attribute) {
          case 0 -> Math.min(MOST_THREADS, f.kernel.mostThreads());
          case 1 -> f.kernel.sharedBytes();
          case 3 -> f.kernel.localBytes();
          case 4 -> 32; // registers
          case MAX_DYNAMIC_SHARED -> f.dynamicSharedLimit;
          default -> throw new CuError(CuResult.NOT_SUPPORTED, "attribute " + attribute);
        };
    Host.putInt(value, answer);
    return 0;
  }

  @Rule
  int cuFuncSetAttribute(long function, int attribute, int value) {
    SimulatedGpu.Function f = gpu.functions.get(function);
    CuError.require(
        attribute == MAX_DYNAMIC_SHARED, CuResult.NOT_SUPPORTED, "attribute " + attribute);
    CuError.require(
        value >= 0 && value + f.kernel.sharedBytes() <= MOST_SHARED,
        CuResult.INVALID_VALUE,
        value + " bytes of shared memory");
    f.dynamicSharedLimit = value;
    return 0;
  }

  @Rule
  int cuOccupancyMaxActiveBlocksPerMultiprocessor(
      long blocks, long function, int blockSize, long shared) {
    gpu.functions.get(function);
    Host.putInt(blocks, Math.max(1, 2048 / Math.max(blockSize, 1)));
    return 0;
  }

  @Rule
  int cuLaunchKernel(
      long function,
      int gridX,
      int gridY,
      int gridZ,
      int blockX,
      int blockY,
      int blockZ,
      int shared,
      long stream,
      long parameters,
      long extra) {
    SimulatedGpu.Function f = gpu.functions.get(function);
    Grid grid = new Grid(gridX, gridY, gridZ, blockX, blockY, blockZ, shared);
    check(f, grid);
    CuError.require(extra == 0, CuResult.NOT_SUPPORTED, "extra parameters");
    byte[] arguments = arguments(f.kernel, parameters);
    SimulatedStream on = gpu.stream(stream);
    gpu.issue(on, new Work(f.kernel.name(), () -> gpu.launch(f.kernel, grid, arguments)));
    return 0;
  }

  private static void check(SimulatedGpu.Function f, Grid g) {
    boolean shape =
        g.gridX() > 0
            && g.gridY() > 0
            && g.gridZ() > 0
            && g.gridY() <= 65_535
            && g.gridZ() <= 65_535
            && g.blockX() > 0
            && g.blockY() > 0
            && g.blockZ() > 0;
    CuError.require(shape, CuResult.INVALID_VALUE, f.kernel.name() + ": " + g);
    CuError.require(
        (long) g.blockX() * g.blockY() * g.blockZ() <= MOST_THREADS,
        CuResult.INVALID_VALUE,
        f.kernel.name() + ": more than " + MOST_THREADS + " threads a block");
    CuError.require(
        g.threads() <= f.kernel.mostThreads(),
        CuResult.LAUNCH_OUT_OF_RESOURCES,
        f.kernel.name() + ": compiled for at most " + f.kernel.mostThreads() + " threads a block");
    CuError.require(
        g.dynamicShared() >= 0 && g.dynamicShared() <= f.dynamicSharedLimit,
        CuResult.INVALID_VALUE,
        f.kernel.name() + ": " + g.dynamicShared() + " bytes of dynamic shared memory");
  }

  /** Copies the arguments, whose sizes the kernel itself tells. */
  private static byte[] arguments(Kernel kernel, long parameters) {
    byte[] block = new byte[kernel.parameterBytes()];
    MemorySegment target = MemorySegment.ofArray(block);
    for (int i = 0; i < kernel.parameters().size(); i++) {
      PtxVariable parameter = kernel.parameters().get(i);
      long place = Host.getLong(parameters + 8L * i);
      target
          .asSlice(parameter.offset(), parameter.bytes())
          .copyFrom(Host.segment(place, parameter.bytes()));
    }
    return block;
  }
}
