package talweg.cli;

import java.util.List;
import java.util.Optional;
import talweg.spi.BackendProvider;

/** Why a training that may run anywhere does not run on a GPU, in one short line. */
final class MissingGpu {
  private static final int LONG = 60;

  private MissingGpu() {}

  /**
   * The line, or nothing where the best backend is in use.
   *
   * @param providers best first
   * @param used name of the backend that was opened
   */
  static Optional<String> notice(List<BackendProvider> providers, String used) {
    for (BackendProvider provider : providers) {
      if (provider.name().equals(used)) {
        return Optional.empty();
      }
      Optional<String> reason = provider.unavailableReason();
      if (provider.rank() >= 0 && reason.isPresent()) {
        return Optional.of("no GPU: %s (talweg doctor says more)".formatted(brief(reason.get())));
      }
    }
    return Optional.empty();
  }

  /** What is the matter, without where it was looked for and what to do. */
  private static String brief(String reason) {
    String first = reason.split("; ", 2)[0];
    int colon = first.indexOf(": ");
    String head = colon < 0 ? first : first.substring(0, colon);
    // "cuda:0: ..." names a device first.
    String told = head.contains(" ") ? head : first;
    return told.length() <= LONG ? told : told.substring(0, LONG - 3) + "...";
  }
}
