package talweg.cuda.sim;

import static org.junit.jupiter.api.Assertions.fail;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(SimulatedCuda.class);

  /** What all tests of a JVM share: the library, and texts that were parsed already. */
  private static final class Shared {
    final DriverLibraryFile library = new DriverLibraryFile(Path.of("target", "simulated-driver"));
    final Map<String, PtxModule> parsed = new HashMap<>();
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    Prerequisite.skipIf(missing());
    SimulatedGpu gpu = serve(context, DeviceModel.STANDARD);
    context
        .getStore(NAMESPACE)
        .put("property", String.valueOf(System.getProperty(DriverLibraryFile.PROPERTY)));
    System.setProperty(
        DriverLibraryFile.PROPERTY, shared(context).library.file().toAbsolutePath().toString());
    context.getStore(NAMESPACE).put(SimulatedGpu.class, gpu);
  }

  /** Why there is no simulated device on this machine, if so. */
  public static Optional<String> missing() {
    String os = System.getProperty("os.name");
    String processor = System.getProperty("os.arch");
    return os.equals("Linux") && processor.equals("amd64")
        ? Optional.empty()
        : Optional.of(
            "the simulated CUDA driver needs Linux on x86-64, here is " + os + " on " + processor);
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
      System.clearProperty(DriverLibraryFile.PROPERTY);
    } else {
      System.setProperty(DriverLibraryFile.PROPERTY, before);
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
