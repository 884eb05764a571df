package talweg.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import talweg.error.BackendException;
import talweg.session.Backends;
import talweg.spi.Backend;
import talweg.spi.BackendProvider;
import talweg.spi.DeviceSpec;
import talweg.spi.Finding;

/** {@code talweg doctor}: what works on this machine, and what is missing for the rest. */
@Command(
    name = "doctor",
    description = "Lists the backends and devices, and what is missing for those that do not work.",
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
  @Option(names = "--json", description = "JSON lines on standard output, text on standard error.")
  private boolean json;

  @Override
  public Integer call() {
    Console console = new Console(json);
    Runtime runtime = Runtime.getRuntime();
    console.line(
        "talweg %s, Java %s (%s), %s %s, %d cores, %,d MiB Java heap at most"
            .formatted(
                Version.number(),
                Runtime.version(),
                System.getProperty("java.vendor"),
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                runtime.availableProcessors(),
                runtime.maxMemory() >> 20));
    for (BackendProvider provider : Backends.providers()) {
      describe(provider, console);
    }
    return ExitCode.DONE;
  }

  private static void describe(BackendProvider provider, Console console) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("backend", provider.name());
    Optional<String> reason = provider.unavailableReason();
    String device = null;
    if (reason.isEmpty() && provider.rank() < 0) {
      device = "only used when asked for by name";
    } else if (reason.isEmpty()) {
      try (Backend backend = provider.open(DeviceSpec.DEFAULT)) {
        device = backend.device();
      } catch (BackendException e) {
        reason = Optional.of(e.getMessage());
      }
    }
    reason = reason.map(Advice::flags);
    row.put("available", reason.isEmpty());
    row.put(reason.isEmpty() ? "device" : "reason", reason.orElse(device));
    console.line(
        "%s %-10s %s"
            .formatted(
                reason.isEmpty() ? console.green("+") : console.red("-"),
                provider.name(),
                reason.orElse(device)));
    List<Map<String, Object>> findings = new ArrayList<>();
    for (Finding finding : provider.findings()) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("part", finding.part());
      entry.put("usable", finding.usable());
      entry.put("detail", finding.detail());
      findings.add(entry);
      console.line(
          "    %s %-10s %s"
              .formatted(
                  finding.usable() ? console.green("+") : console.red("-"),
                  finding.part(),
                  finding.detail()));
    }
    row.put("findings", findings);
    console.json(row);
  }
}
