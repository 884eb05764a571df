package talweg.cuda;

import java.util.Optional;
import talweg.error.BackendUnavailableException;
import talweg.spi.Backend;
import talweg.spi.BackendProvider;
import talweg.spi.DeviceSpec;

/**
 * Announces the CUDA backend; until its kernels are there it says so, rather than be missing
 * without a word.
 */
public final class CudaProvider implements BackendProvider {
  /** Name by which the backend is asked for. */
  static final String NAME = "cuda";

  private static final String REASON =
      "this version of Talweg has no CUDA kernels yet; use --backend cpu";

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
    return Optional.of(REASON);
  }

  @Override
  public Backend open(DeviceSpec spec) {
    throw new BackendUnavailableException("backend \"cuda\" is not available: " + REASON);
  }
}
