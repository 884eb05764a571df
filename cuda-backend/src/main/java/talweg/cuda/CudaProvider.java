package talweg.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import talweg.error.BackendException;
import talweg.spi.Backend;
import talweg.spi.BackendProvider;
import talweg.spi.DeviceSpec;
import talweg.spi.Finding;

/** Announces the CUDA backend, and says why it is not available where it is not. */
public final class CudaProvider implements BackendProvider {
  /** Name by which the backend is asked for. */
  static final String NAME = "cuda";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int rank() {
    return 20;
  }

  @Override
  public Optional<String> unavailableReason() {
    try {
      List<Context.Description> devices = devices();
      boolean any = devices.stream().anyMatch(device -> device.unsupported().isEmpty());
      return any ? Optional.empty() : devices.getFirst().unsupported();
    } catch (BackendException | LinkageError e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static List<Context.Description> devices() {
    DriverLibrary.open();
    DriverLibrary.bindJCuda();
    return Context.devices(new Faults());
  }

  @Override
  public List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    try {
      DriverLibrary.open();
      findings.add(new Finding("driver", true, DriverLibrary.describe()));
      findings.add(new Finding("JCuda", true, DriverLibrary.bindJCuda().toString()));
      for (Context.Description device : Context.devices(new Faults())) {
        findings.add(
            new Finding(
                NAME + ":" + device.index(),
                device.unsupported().isEmpty(),
                device.unsupported().orElse(device.toString())));
      }
      findings.addAll(products());
    } catch (BackendException | LinkageError _) {
      // What is missing is the reason why the backend is not available, which is told anyway.
    }
    return findings;
  }

  /** What multiplies matrices on the first device. */
  private static List<Finding> products() {
    try (Device device = Device.open(DeviceSpec.DEFAULT);
        ProductProviders providers = ProductProviders.open(device)) {
      return providers.findings();
    }
  }

  @Override
  public Backend open(DeviceSpec spec) {
    Device device = Device.open(spec);
    try {
      return new CudaBackend(device);
    } catch (RuntimeException | Error e) {
      device.close();
      throw e;
    }
  }
}
