package talweg.session;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import talweg.error.BackendUnavailableException;
import talweg.spi.Backend;
import talweg.spi.BackendProvider;
import talweg.spi.DeviceSpec;
import talweg.spi.Precision;

/**
 * Finds and opens backends. A failure is never papered over by another backend, except under {@code
 * auto}: it takes the best backend that works. The log says what kept a better one from working, at
 * level INFO where there is no device for it, else as a warning.
 */
public final class Backends {
  private static final Logger LOG = LoggerFactory.getLogger(Backends.class);

  private Backends() {}

  /** All providers on the class or module path, best rank first. */
  public static List<BackendProvider> providers() {
    List<BackendProvider> found = new ArrayList<>();
    ServiceLoader.load(BackendProvider.class, Backends.class.getClassLoader()).forEach(found::add);
    found.sort(Comparator.comparingInt(BackendProvider::rank).reversed());
    return found;
  }

  /** Opens {@code auto}, {@code NAME} or {@code NAME:INDEX}. */
  public static Backend open(String device) {
    return open(device, 0, Precision.FP32);
  }

  /**
   * Opens {@code auto}, {@code NAME} or {@code NAME:INDEX}.
   *
   * @param device in upper or lower case
   * @param threads worker threads for host backends, 0 for the backend's own choice
   * @param precision of matrix products of F32
   * @throws BackendUnavailableException if there is no such backend or device, with the reason and
   *     the known names; also if it does not have the precision
   */
  public static Backend open(String device, int threads, Precision precision) {
    if (device.equalsIgnoreCase("auto")) {
      return best(threads, precision);
    }
    int colon = device.indexOf(':');
    String name = colon < 0 ? device : device.substring(0, colon);
    int index = colon < 0 ? 0 : parseIndex(device, colon);
    for (BackendProvider provider : providers()) {
      if (provider.name().equalsIgnoreCase(name)) {
        Optional<String> reason = provider.unavailableReason();
        if (reason.isPresent()) {
          throw new BackendUnavailableException(
              "backend \"" + name + "\" is not available: " + reason.get());
        }
        return provider.open(new DeviceSpec(index, threads, precision));
      }
    }
    throw new BackendUnavailableException(
        "backend \"%s\" is not known; expected one of: auto, %s (is its jar on the class path?)"
            .formatted(
                name,
                providers().stream().map(BackendProvider::name).collect(Collectors.joining(", "))));
  }

  private static Backend best(int threads, Precision precision) {
    List<String> reasons = new ArrayList<>();
    List<String> refusals = new ArrayList<>();
    for (BackendProvider provider : providers()) {
      if (provider.rank() < 0) {
        continue;
      }
      String reason;
      List<String> kind = reasons;
      try {
        Optional<String> missing = provider.unavailableReason();
        if (missing.isEmpty()) {
          Backend backend = provider.open(new DeviceSpec(0, threads, precision));
          reasons.forEach(r -> LOG.info("backend {}", r));
          refusals.forEach(r -> LOG.warn("backend {}", r));
          return backend;
        }
        reason = missing.get();
      } catch (BackendUnavailableException e) {
        reason = e.getMessage();
        kind = refusals;
      }
      String prefix = "backend \"" + provider.name() + "\": ";
      kind.add(provider.name() + ": " + reason.replace(prefix, ""));
    }
    refusals.addAll(reasons);
    throw new BackendUnavailableException(
        refusals.isEmpty()
            ? "no backend is there; put talweg-cpu or talweg-cuda on the class path, or ask for"
                + " \"reference\""
            : "no backend is available: " + String.join("; ", refusals));
  }

  private static int parseIndex(String device, int colon) {
    try {
      int index = Integer.parseInt(device.substring(colon + 1));
      if (index >= 0) {
        return index;
      }
    } catch (NumberFormatException e) {
      // Falls through to the message below, which says more than the parser's.
    }
    throw new BackendUnavailableException(
        "device \"%s\": expected NAME or NAME:INDEX with an index from 0, for example cuda:1"
            .formatted(device));
  }
}
