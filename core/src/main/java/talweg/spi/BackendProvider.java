package talweg.spi;

import java.util.List;
import java.util.Optional;

/**
 * Makes a backend available; found by {@link java.util.ServiceLoader}. Must be cheap to construct
 * and never throw.
 */
public interface BackendProvider {
  /** Name by which the backend is asked for, e.g. {@code cuda}. */
  String name();

  /**
   * Preference under {@code auto}: the highest available rank wins; negative ranks are never chosen
   * unasked.
   */
  int rank();

  /** Why the backend cannot be opened here, with what to do about it; empty if it can. */
  Optional<String> unavailableReason();

  /** What was looked for, part by part, and what came of it; for people. */
  default List<Finding> findings() {
    return List.of();
  }

  /**
   * Opens a device.
   *
   * @throws talweg.error.BackendUnavailableException if the device does not exist or cannot be used
   */
  Backend open(DeviceSpec spec);
}
