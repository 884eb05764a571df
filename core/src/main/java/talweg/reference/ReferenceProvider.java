package talweg.reference;

import java.util.Optional;
import talweg.spi.Backend;
import talweg.spi.BackendProvider;
import talweg.spi.CallRecorder;
import talweg.spi.DeviceSpec;

/** Offers the reference backend, which runs everywhere and is only used when asked for by name. */
public final class ReferenceProvider implements BackendProvider {
  /** Name by which the backend is asked for. */
  static final String NAME = "reference";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int rank() {
    return -1;
  }

  @Override
  public Optional<String> unavailableReason() {
    return Optional.empty();
  }

  @Override
  public Backend open(DeviceSpec spec) {
    spec.requirePlain(NAME);
    return new CallRecorder(new ReferenceBackend());
  }
}
