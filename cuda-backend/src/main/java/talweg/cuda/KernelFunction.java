package talweg.cuda;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jcuda.driver.CUfunction_attribute;
import talweg.kernels.KernelManifest;
import talweg.kernels.KernelSignature;
import talweg.kernels.KernelSignature.Parameter;

/**
 * A kernel that is ready to be launched: its handle, and memory for its arguments, with the array
 * of their addresses that a launch hands over. The driver copies the arguments while it is called,
 * so one such block serves all launches.
 */
final class KernelFunction {
  /** The strictest alignment that a parameter may have. */
  private static final int ALIGNMENT = 16;

  private final String name;
  private final long handle;
  private final Parameter[] parameters;
  private final int[] offsets;
  private final MemorySegment arguments;
  private final MemorySegment addresses;
  private int sharedLimit = 48 << 10;

  KernelFunction(long handle, KernelSignature signature, KernelManifest.Entry entry, Arena arena) {
    this.name = entry.name();
    this.handle = handle;
    this.parameters = signature.parameters().toArray(Parameter[]::new);
    this.offsets = new int[parameters.length + 1];
    for (int i = 0; i < parameters.length; i++) {
      offsets[i + 1] = offsets[i] + (entry.sizes().get(i) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
    arguments = arena.allocate(Math.max(offsets[parameters.length], ALIGNMENT), ALIGNMENT);
    addresses = arena.allocate(JAVA_LONG, Math.max(parameters.length, 1));
    for (int i = 0; i < parameters.length; i++) {
      addresses.setAtIndex(JAVA_LONG, i, arguments.address() + offsets[i]);
    }
  }

  String name() {
    return name;
  }

  long handle() {
    return handle;
  }

  /**
   * Lets launches use so many bytes of dynamic shared memory; beyond 48 KiB it must be asked for.
   */
  void allowShared(int bytes, Driver driver, Faults faults) {
    if (bytes > sharedLimit) {
      faults.check(
          driver.setFunctionAttribute(
              handle, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, bytes),
          "cuFuncSetAttribute");
      sharedLimit = bytes;
    }
  }

  int parameterCount() {
    return parameters.length;
  }

  Parameter parameter(int index) {
    return parameters[index];
  }

  /** Bytes kept for an argument, at least its size. */
  int room(int index) {
    return offsets[index + 1] - offsets[index];
  }

  int offset(int index) {
    return offsets[index];
  }

  MemorySegment arguments() {
    return arguments;
  }

  /** Address of the array of the arguments' addresses. */
  long addresses() {
    return addresses.address();
  }
}
