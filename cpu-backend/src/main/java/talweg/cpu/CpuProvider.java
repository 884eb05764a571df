package talweg.cpu;

import java.util.Optional;
import talweg.spi.Backend;
import talweg.spi.BackendProvider;
import talweg.spi.CallRecorder;
import talweg.spi.DeviceSpec;

/** Offers the CPU backend, which runs everywhere. */
public final class CpuProvider implements BackendProvider {
  /** Name by which the backend is asked for. */
  static final String NAME = "cpu";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int rank() {
    return 10;
  }

  @Override
  public Optional<String> unavailableReason() {
    return Optional.empty();
  }

  @Override
  public Backend open(DeviceSpec spec) {
    spec.requirePlain(NAME);
    return new CallRecorder(new CpuBackend(spec));
  }
}
