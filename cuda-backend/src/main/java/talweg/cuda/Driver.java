package talweg.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import talweg.error.BackendUnavailableException;

/**
 * The functions of the driver that are called often, or that JCuda does not have, bound by
 * java.lang.foreign: a launch through JCuda costs microseconds, through this tens of nanoseconds.
 * All pointers and handles travel as numbers. Every method returns the driver's error code.
 */
final class Driver {
  private final MethodHandle setContext;
  private final MethodHandle loadModule;
  private final MethodHandle unloadModule;
  private final MethodHandle function;
  private final MethodHandle setFunctionAttribute;
  private final MethodHandle launch;
  private final MethodHandle launchGraph;
  private final MethodHandle allocate;
  private final MethodHandle free;
  private final MethodHandle allocateAsync;
  private final MethodHandle freeAsync;
  private final MethodHandle defaultPool;
  private final MethodHandle setPoolAttribute;
  private final MethodHandle trimPool;
  private final MethodHandle allocateHost;
  private final MethodHandle freeHost;
  private final MethodHandle toDevice;
  private final MethodHandle toHost;
  private final MethodHandle recordEvent;
  private final MethodHandle awaitEvent;
  private final MethodHandle awaitStream;

  Driver(SymbolLookup library) {
    setContext = bind(library, "cuCtxSetCurrent", JAVA_LONG);
    loadModule =
        bind(library, "cuModuleLoadDataEx", JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG);
    unloadModule = bind(library, "cuModuleUnload", JAVA_LONG);
    function = bind(library, "cuModuleGetFunction", JAVA_LONG, JAVA_LONG, JAVA_LONG);
    setFunctionAttribute = bind(library, "cuFuncSetAttribute", JAVA_LONG, JAVA_INT, JAVA_INT);
    launch =
        bind(
            library,
            "cuLaunchKernel",
            JAVA_LONG,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG);
    launchGraph = bind(library, "cuGraphLaunch", JAVA_LONG, JAVA_LONG);
    allocate = bind(library, "cuMemAlloc_v2", JAVA_LONG, JAVA_LONG);
    free = bind(library, "cuMemFree_v2", JAVA_LONG);
    allocateAsync = bind(library, "cuMemAllocAsync", JAVA_LONG, JAVA_LONG, JAVA_LONG);
    freeAsync = bind(library, "cuMemFreeAsync", JAVA_LONG, JAVA_LONG);
    defaultPool = bind(library, "cuDeviceGetDefaultMemPool", JAVA_LONG, JAVA_INT);
    setPoolAttribute = bind(library, "cuMemPoolSetAttribute", JAVA_LONG, JAVA_INT, JAVA_LONG);
    trimPool = bind(library, "cuMemPoolTrimTo", JAVA_LONG, JAVA_LONG);
    allocateHost = bind(library, "cuMemHostAlloc", JAVA_LONG, JAVA_LONG, JAVA_INT);
    freeHost = bind(library, "cuMemFreeHost", JAVA_LONG);
    toDevice = bind(library, "cuMemcpyHtoDAsync_v2", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    toHost = bind(library, "cuMemcpyDtoHAsync_v2", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    recordEvent = bind(library, "cuEventRecord", JAVA_LONG, JAVA_LONG);
    awaitEvent = bind(library, "cuEventSynchronize", JAVA_LONG);
    awaitStream = bind(library, "cuStreamSynchronize", JAVA_LONG);
  }

  @SuppressWarnings("restricted") // a native binding
  private static MethodHandle bind(SymbolLookup library, String name, MemoryLayout... arguments) {
    return Linker.nativeLinker()
        .downcallHandle(
            library.find(name).orElseThrow(() -> tooOld(name)),
            FunctionDescriptor.of(JAVA_INT, arguments));
  }

  private static BackendUnavailableException tooOld(String function) {
    return new BackendUnavailableException(
        "NVIDIA driver too old: %s has no function %s; install a newer driver, or use the backend cpu"
            .formatted(DriverLibrary.name(), function));
  }

  /**
   * The name of a device. JCuda would hold a Java array while it calls the driver.
   *
   * @param result address of {@code bytes} bytes, where the name and a zero byte are written
   */
  static int deviceName(SymbolLookup library, long result, int bytes, int device) {
    try {
      return (int)
          bind(library, "cuDeviceGetName", JAVA_LONG, JAVA_INT, JAVA_INT)
              .invokeExact(result, bytes, device);
    } catch (BackendUnavailableException e) {
      throw e;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int setContext(long context) {
    try {
      return (int) setContext.invokeExact(context);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /**
   * Compiles a module. Through JCuda this would hold a Java array, and with it the garbage
   * collector, for as long as the driver compiles.
   *
   * @param result where the handle is written
   * @param image address of the text, which ends with a zero byte
   * @param options address of {@code count} options, each a CUjit_option
   * @param values address of their values, each of 8 bytes
   */
  int loadModule(long result, long image, int count, long options, long values) {
    try {
      return (int) loadModule.invokeExact(result, image, count, options, values);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int unloadModule(long module) {
    try {
      return (int) unloadModule.invokeExact(module);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /**
   * @param result where the handle is written
   * @param name address of the kernel's name, which ends with a zero byte
   */
  int function(long result, long module, long name) {
    try {
      return (int) function.invokeExact(result, module, name);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int setFunctionAttribute(long kernel, int attribute, int value) {
    try {
      return (int) setFunctionAttribute.invokeExact(kernel, attribute, value);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /**
   * @param parameters address of an array of the addresses of the kernel's arguments
   */
  int launch(
      long function,
      int gridX,
      int gridY,
      int gridZ,
      int threads,
      int shared,
      long stream,
      long parameters) {
    try {
      return (int)
          launch.invokeExact(
              function, gridX, gridY, gridZ, threads, 1, 1, shared, stream, parameters, 0L);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int launchGraph(long graph, long stream) {
    try {
      return (int) launchGraph.invokeExact(graph, stream);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /**
   * @param result where the address is written; what is there after an error means nothing
   */
  int allocate(long result, long bytes) {
    try {
      return (int) allocate.invokeExact(result, bytes);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int free(long address) {
    try {
      return (int) free.invokeExact(address);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int allocate(long result, long bytes, long stream) {
    try {
      return (int) allocateAsync.invokeExact(result, bytes, stream);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int free(long address, long stream) {
    try {
      return (int) freeAsync.invokeExact(address, stream);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int defaultPool(long result, int device) {
    try {
      return (int) defaultPool.invokeExact(result, device);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int setPoolAttribute(long pool, int attribute, long value) {
    try {
      return (int) setPoolAttribute.invokeExact(pool, attribute, value);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int trimPool(long pool, long bytesToKeep) {
    try {
      return (int) trimPool.invokeExact(pool, bytesToKeep);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int allocateHost(long result, long bytes) {
    try {
      return (int) allocateHost.invokeExact(result, bytes, 0);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int freeHost(long address) {
    try {
      return (int) freeHost.invokeExact(address);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int copyToDevice(long target, long source, long bytes, long stream) {
    try {
      return (int) toDevice.invokeExact(target, source, bytes, stream);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int copyToHost(long target, long source, long bytes, long stream) {
    try {
      return (int) toHost.invokeExact(target, source, bytes, stream);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int record(long event, long stream) {
    try {
      return (int) recordEvent.invokeExact(event, stream);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int awaitEvent(long event) {
    try {
      return (int) awaitEvent.invokeExact(event);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int awaitStream(long stream) {
    try {
      return (int) awaitStream.invokeExact(stream);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static AssertionError unexpected(Throwable e) {
    return new AssertionError("a native call does not throw", e);
  }
}
