package talweg.cuda;

import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import jcuda.driver.CUdevice;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import talweg.error.BackendUnavailableException;
import talweg.error.CudaException;

/** The primary context of one device: what this process shares of it. */
final class Context implements AutoCloseable {
  /** CUDA 11.4, the first version with all functions that are called: driver 470. */
  private static final int OLDEST_DRIVER = 11040;

  private static final int OLDEST_CAPABILITY = 75;
  private static final int LONGEST_NAME = 256;

  private final Driver driver;
  private final Faults faults;
  private final CUdevice device;
  private final Handles.Context handle = new Handles.Context();
  private final Description description;

  /** A device, as far as it can be told without using it. */
  record Description(
      int index, String name, int capability, int multiprocessors, long memory, int driverVersion) {
    /** Why this device cannot be used, if so. */
    Optional<String> unsupported() {
      return capability >= OLDEST_CAPABILITY
          ? Optional.empty()
          : Optional.of(
              String.format(
                  Locale.ROOT,
                  "cuda:%d: %s has compute capability %d.%d, but the kernels need 7.5 (Turing) or"
                      + " newer; use another device, or use the backend cpu",
                  index,
                  name,
                  capability / 10,
                  capability % 10));
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s, %,d MiB, compute capability %d.%d, driver for CUDA %s",
          name,
          memory >> 20,
          capability / 10,
          capability % 10,
          version(driverVersion));
    }
  }

  /**
   * Makes device {@code index} ready.
   *
   * @throws BackendUnavailableException if there is no such device, or it cannot be used
   */
  Context(Driver driver, Faults faults, int index) {
    this.driver = driver;
    this.faults = faults;
    List<Description> all = devices(faults);
    if (index >= all.size()) {
      throw new BackendUnavailableException(
          String.format(
              Locale.ROOT,
              "cuda:%d: there is no such device; found %d: %s",
              index,
              all.size(),
              numbered(all)));
    }
    this.description = all.get(index);
    description
        .unsupported()
        .ifPresent(reason -> {
          throw new BackendUnavailableException(reason);
        });
    this.device = device(faults, index);
    faults.check(
        "cuDevicePrimaryCtxRetain", () -> JCudaDriver.cuDevicePrimaryCtxRetain(handle, device));
  }

  /**
   * The devices of this machine.
   *
   * @throws BackendUnavailableException if the driver is too old or has no device
   */
  static List<Description> devices(Faults faults) {
    initialize(faults);
    int[] version = new int[1];
    faults.check("cuDriverGetVersion", () -> JCudaDriver.cuDriverGetVersion(version));
    if (version[0] < OLDEST_DRIVER) {
      throw new BackendUnavailableException(
          "NVIDIA driver too old: it is for CUDA %s, but CUDA %s is needed (driver 470 or newer); install a newer driver, or use the backend cpu"
              .formatted(version(version[0]), version(OLDEST_DRIVER)));
    }
    int[] count = new int[1];
    faults.check("cuDeviceGetCount", () -> JCudaDriver.cuDeviceGetCount(count));
    if (count[0] == 0) {
      throw noDevice();
    }
    List<Description> devices = new ArrayList<>();
    for (int i = 0; i < count[0]; i++) {
      devices.add(describe(faults, i, version[0]));
    }
    return devices;
  }

  private static void initialize(Faults faults) {
    try {
      faults.check("cuInit", () -> JCudaDriver.cuInit(0));
    } catch (CudaException e) {
      throw switch (e.code()) {
        case CUresult.CUDA_ERROR_NO_DEVICE -> noDevice();
        case CUresult.CUDA_ERROR_STUB_LIBRARY ->
            new BackendUnavailableException(
                "no NVIDIA driver: %s is the CUDA toolkit's stub, which only serves to link programs; take its folder out of LD_LIBRARY_PATH"
                    .formatted(DriverLibrary.name()),
                e);
        default ->
            new BackendUnavailableException(
                String.format(
                    Locale.ROOT,
                    "the NVIDIA driver does not start: cuInit answers %s (%d); see whether"
                        + " nvidia-smi works, and restart the machine after an update of the"
                        + " driver",
                    CUresult.stringFor(e.code()),
                    e.code()),
                e);
      };
    }
  }

  private static BackendUnavailableException noDevice() {
    return new BackendUnavailableException(
        "no CUDA device: %s is there, but finds none; see what nvidia-smi says and whether CUDA_VISIBLE_DEVICES hides it, or use the backend cpu"
            .formatted(DriverLibrary.name()));
  }

  private static Description describe(Faults faults, int index, int version) {
    Handles.DeviceNumber device = device(faults, index);
    long[] memory = new long[1];
    faults.check("cuDeviceTotalMem", () -> JCudaDriver.cuDeviceTotalMem(memory, device));
    return new Description(
        index,
        name(faults, device),
        10 * attribute(faults, device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
            + attribute(faults, device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
        attribute(faults, device, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
        memory[0],
        version);
  }

  private static String name(Faults faults, Handles.DeviceNumber device) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocate(LONGEST_NAME);
      faults.check(
          Driver.deviceName(DriverLibrary.open(), name.address(), LONGEST_NAME, device.value()),
          "cuDeviceGetName");
      return name.getString(0);
    }
  }

  private static Handles.DeviceNumber device(Faults faults, int index) {
    Handles.DeviceNumber device = new Handles.DeviceNumber();
    faults.check("cuDeviceGet", () -> JCudaDriver.cuDeviceGet(device, index));
    return device;
  }

  private static int attribute(Faults faults, CUdevice device, int attribute) {
    int[] value = new int[1];
    faults.check(
        "cuDeviceGetAttribute", () -> JCudaDriver.cuDeviceGetAttribute(value, attribute, device));
    return value[0];
  }

  private static String numbered(List<Description> devices) {
    StringBuilder text = new StringBuilder();
    for (Description device : devices) {
      text.append(text.isEmpty() ? "" : ", ").append("cuda:").append(device.index);
      text.append(" (").append(device.name).append(')');
    }
    return text.toString();
  }

  /** As people write the driver's numbers, such as 12040. */
  private static String version(int number) {
    return number / 1000 + "." + number % 1000 / 10;
  }

  Description description() {
    return description;
  }

  /** Whether memory can be taken and given back in the order of a stream's work. */
  boolean hasPools() {
    return attribute(faults, device, CU_DEVICE_ATTRIBUTE_MEMORY_POOLS_SUPPORTED) != 0;
  }

  /** Must be called before others of this device, because a thread may use several devices. */
  void makeCurrent() {
    faults.check(driver.setContext(handle.address()), "cuCtxSetCurrent");
  }

  /** The same for the way out, where errors are of no interest any more. */
  void tryMakeCurrent() {
    int ignored = driver.setContext(handle.address());
  }

  /** Free and total memory of the device in bytes. */
  long[] memory() {
    long[] free = new long[1];
    long[] total = new long[1];
    faults.check("cuMemGetInfo", () -> JCudaDriver.cuMemGetInfo(free, total));
    return new long[] {free[0], total[0]};
  }

  @Override
  public void close() {
    Faults.ignore(() -> JCudaDriver.cuDevicePrimaryCtxRelease(device));
  }
}
