package talweg.cuda.sim;

/**
 * What the simulated device says of itself.
 *
 * @param capability compute capability, such as 90
 * @param memoryBytes how much can be allocated
 * @param driverVersion as cuDriverGetVersion gives it
 * @param devices how many there are; all of them share one memory
 */
public record DeviceModel(
    String name,
    int capability,
    int multiprocessors,
    long memoryBytes,
    int driverVersion,
    int devices,
    boolean pools,
    long instructionLimit) {
  public static final DeviceModel STANDARD =
      new DeviceModel("Simulated GPU", 90, 4, 256L << 20, 12_040, 1, true, 4_000_000_000L);

  public DeviceModel withMemory(long bytes) {
    return new DeviceModel(
        name, capability, multiprocessors, bytes, driverVersion, devices, pools, instructionLimit);
  }

  public DeviceModel withCapability(int number) {
    return new DeviceModel(
        name,
        number,
        multiprocessors,
        memoryBytes,
        driverVersion,
        devices,
        pools,
        instructionLimit);
  }

  public DeviceModel withDriver(int version) {
    return new DeviceModel(
        name, capability, multiprocessors, memoryBytes, version, devices, pools, instructionLimit);
  }

  public DeviceModel withDevices(int count) {
    return new DeviceModel(
        name,
        capability,
        multiprocessors,
        memoryBytes,
        driverVersion,
        count,
        pools,
        instructionLimit);
  }

  public DeviceModel withoutPools() {
    return new DeviceModel(
        name,
        capability,
        multiprocessors,
        memoryBytes,
        driverVersion,
        devices,
        false,
        instructionLimit);
  }
}
