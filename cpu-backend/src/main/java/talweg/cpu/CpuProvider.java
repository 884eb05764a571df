package talweg.cpu;

import java.util.Optional;
import talweg.error.BackendUnavailableException;
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
    if (spec.index() > 0) {
      throw new BackendUnavailableException(
          "backend \"%s\": found device index %d, expected 0: there is one device; ask for \"%s\""
              .formatted(NAME, spec.index(), NAME));
    }
    return new CallRecorder(new CpuBackend(spec));
  }
}
