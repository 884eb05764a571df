package talweg.cuda;

import java.util.Optional;
import talweg.error.TalwegException;
import talweg.spi.Backend;
import talweg.spi.BackendProvider;
import talweg.spi.DeviceSpec;

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
      DriverLibrary.open();
      DriverLibrary.bindJCuda();
      Context.devices(new Faults());
      return Optional.empty();
    } catch (TalwegException e) {
      return Optional.of(e.getMessage());
    }
  }

  @Override
  public Backend open(DeviceSpec spec) {
    return new CudaBackend(Device.open(spec));
  }
}
