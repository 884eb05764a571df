package talweg.cuda.sim;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;

/**
 * Runs a program on a machine with a simulated CUDA device: {@code SimulatedDeviceMain MAIN-CLASS
 * ARGUMENTS}. The oracle ({@code config/oracle}) runs the command line so.
 */
public final class SimulatedDeviceMain {
  private SimulatedDeviceMain() {}

  public static void main(String[] args) throws Exception {
    if (args.length == 0) {
      System.err.println("simulated device: expected a main class and its arguments, got nothing");
      System.exit(2);
    }
    Path folder = Path.of(System.getProperty("java.io.tmpdir"));
    DriverLibraryFile library = new DriverLibraryFile(folder);
    SimulatedGpu gpu = new SimulatedGpu(DeviceModel.STANDARD, new HashMap<>());
    library.serve(gpu);
    System.setProperty(DriverLibraryFile.PROPERTY, library.file().toAbsolutePath().toString());
    Runtime.getRuntime().addShutdownHook(new Thread(() -> report(gpu), "simulated device"));
    Class.forName(args[0])
        .getMethod("main", String[].class)
        .invoke(null, (Object) Arrays.copyOfRange(args, 1, args.length));
  }

  /** A program that broke the device must not pass, whatever it returned. */
  private static void report(SimulatedGpu gpu) {
    if (gpu.fault() != null) {
      System.err.println("a kernel failed on the simulated device: " + gpu.fault());
      Runtime.getRuntime().halt(70);
    }
  }
}
