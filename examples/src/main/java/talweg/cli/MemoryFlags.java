package talweg.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;
import talweg.session.MemoryUse;
import talweg.session.Session;
import talweg.spi.Backend;

/** The flag for how much memory tensors may take. */
final class MemoryFlags {
  private static final Pattern SIZE =
      Pattern.compile("(\\d{1,12}(?:\\.\\d{1,3})?)\\s*([kmgt]?)(?:i?b)?", Pattern.CASE_INSENSITIVE);

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description =
          "Most memory for tensors on the device, such as 512M or 2G (powers of 1024). Default:"
              + " seven eighths of the Java heap on a CPU, all that a GPU has.")
  private String size;

  /** A session that keeps within the flag's limit. */
  Session open(Backend backend) {
    return size == null ? new Session(backend) : new Session(backend, bytes());
  }

  /** The limit, {@link Long#MAX_VALUE} if none was given. */
  long bytes() {
    if (size == null) {
      return Long.MAX_VALUE;
    }
    Matcher parts = SIZE.matcher(size.strip());
    double bytes = 0;
    if (parts.matches()) {
      int power = "kmgt".indexOf(parts.group(2).toLowerCase(java.util.Locale.ROOT)) + 1;
      bytes =
          Double.parseDouble(parts.group(1)) * Math.pow(1024, parts.group(2).isEmpty() ? 0 : power);
    }
    if (!(bytes >= 1)) {
      throw new UsageException(
          "--memory: expected a size such as 512M or 2G, got \"%s\"".formatted(size));
    }
    return (long) bytes;
  }

  /** For people: the limit, and what the device has. */
  static String describe(Session session) {
    long limit = session.memory().limit();
    long device = session.backend().memoryBytes();
    String has =
        device == Long.MAX_VALUE ? "" : MemoryUse.text(device) + " for tensors on the device";
    if (limit == Long.MAX_VALUE) {
      return has.isEmpty() ? "what the device has" : "at most " + has;
    }
    if (limit == MemoryUse.defaultLimit(session.backend())) {
      return "at most " + MemoryUse.text(limit) + " for tensors";
    }
    String own = "at most " + MemoryUse.text(limit) + " (--memory)";
    return has.isEmpty() ? own : own + " of " + has;
  }
}
