package talweg.reference;

import java.util.Optional;
import talweg.error.BackendUnavailableException;
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
    if (spec.index() > 0) {
      throw new BackendUnavailableException(
          "backend \"%s\": found device index %d, expected 0: there is one device; ask for \"%s\""
              .formatted(NAME, spec.index(), NAME));
    }
    return new CallRecorder(new ReferenceBackend());
  }
}
