package talweg.cuda.sim;

import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import talweg.backend.Prerequisite;

/**
 * Gives a test a simulated CUDA device: {@code @ExtendWith(SimulatedCuda.class)}, and a parameter
 * of type {@link SimulatedGpu}. At the end the device must be empty and unharmed.
 */
public final class SimulatedCuda
    implements BeforeEachCallback, AfterEachCallback, ParameterResolver {
  private static final String DRIVER = "talweg.cuda.driver";
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(SimulatedCuda.class);

  /** What all tests of a JVM share: the library, and texts that were parsed already. */
  private static final class Shared {
    final DriverLibraryFile library = new DriverLibraryFile(Path.of("target", "simulated-driver"));
    final Map<String, PtxModule> parsed = new HashMap<>();
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    boolean fits = Prerequisite.isLinuxOnAmd64();
    String reason =
        "the simulated CUDA driver needs Linux on x86-64, here is "
            + System.getProperty("os.name")
            + " on "
            + System.getProperty("os.arch");
    Prerequisite.require(fits, Prerequisite.isLinuxOnAmd64(), reason);
    SimulatedGpu gpu = serve(context, DeviceModel.STANDARD);
    context.getStore(NAMESPACE).put("property", String.valueOf(System.getProperty(DRIVER)));
    System.setProperty(DRIVER, shared(context).library.file().toAbsolutePath().toString());
    context.getStore(NAMESPACE).put(SimulatedGpu.class, gpu);
  }

  private static Shared shared(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .computeIfAbsent(Shared.class, key -> new Shared(), Shared.class);
  }

  private static SimulatedGpu serve(ExtensionContext context, DeviceModel model) {
    Shared shared = shared(context);
    SimulatedGpu gpu = new SimulatedGpu(model, shared.parsed);
    shared.library.serve(gpu);
    return gpu;
  }

  @Override
  public void afterEach(ExtensionContext context) {
    SimulatedGpu gpu = context.getStore(NAMESPACE).get(SimulatedGpu.class, SimulatedGpu.class);
    if (gpu == null) {
      return;
    }
    String before = context.getStore(NAMESPACE).get("property", String.class);
    if (before.equals("null")) {
      System.clearProperty(DRIVER);
    } else {
      System.setProperty(DRIVER, before);
    }
    if (gpu.fault() != null) {
      fail("a kernel went wrong on the simulated device: " + gpu.fault());
    }
    List<String> leaks = gpu.leaks();
    if (!leaks.isEmpty() && context.getExecutionException().isEmpty()) {
      fail("never given back to the simulated device: " + leaks);
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == SimulatedGpu.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context.getStore(NAMESPACE).get(SimulatedGpu.class, SimulatedGpu.class);
  }
}
