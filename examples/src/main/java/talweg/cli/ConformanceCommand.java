package talweg.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import talweg.conformance.CaseResult;
import talweg.conformance.Conformance;
import talweg.conformance.GoldenCase;
import talweg.conformance.Goldens;
import talweg.session.Backends;
import talweg.session.Session;
import talweg.spi.BackendProvider;

/** {@code talweg conformance}: golden vectors on every backend asked for. */
@Command(
    name = "conformance",
    description = "Runs golden vectors on backends and compares with their stored results.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ConformanceCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "DIR",
      description = "A set of vectors: a folder of areas with JSON files.")
  private Path folder;

  @Option(
      names = "--backend",
      paramLabel = "LIST",
      split = ",",
      hideParamSyntax = true,
      defaultValue = "auto",
      description = "Backends by name, with commas between; or all. Default: ${DEFAULT-VALUE}.")
  private List<String> backends;

  @Option(
      names = "--only",
      paramLabel = "GLOB",
      defaultValue = Goldens.ALL,
      description = "Only the cases whose area/name matches, e.g. 'autodiff/*'.")
  private String only;

  @Option(names = "--json", description = "JSON lines on standard output, text on standard error.")
  private boolean json;

  @Override
  public Integer call() {
    Console console = new Console(json);
    List<GoldenCase> cases = Goldens.load(folder, only);
    long failed = 0;
    List<Map<String, ?>> summaries = new ArrayList<>();
    for (String name : names()) {
      try (Session session = Session.open(name)) {
        List<CaseResult> results = new ArrayList<>();
        for (GoldenCase golden : cases) {
          console.progress("%s %s".formatted(session.backend().name(), golden.id()));
          CaseResult result = Conformance.run(golden, session);
          results.add(result);
          console.json(row(result));
        }
        table(console, session, results);
        failed += count(results, CaseResult.Status.FAILED);
        summaries.add(summary(session, results));
      }
    }
    summaries.forEach(console::json);
    return failed == 0 ? ExitCode.DONE : ExitCode.FAILED;
  }

  private List<String> names() {
    return backends.equals(List.of("all"))
        ? Backends.providers().stream()
            .filter(p -> p.unavailableReason().isEmpty())
            .map(BackendProvider::name)
            .toList()
        : backends;
  }

  private static void table(Console console, Session session, List<CaseResult> results) {
    Map<String, List<CaseResult>> areas = new TreeMap<>();
    results.forEach(r -> areas.computeIfAbsent(r.area(), _ -> new ArrayList<>()).add(r));
    console.line(
        console.bold("%s (%s)".formatted(session.backend().name(), session.backend().device())));
    console.line(
        console.dim(
            "  %-12s %6s %7s %8s %7s  %s"
                .formatted(
                    "area", "cases", "passed", "skipped", "failed", "worst error / tolerance")));
    areas.forEach((area, list) -> console.line(areaLine(console, area, list)));
    for (CaseResult result : results) {
      if (result.status() == CaseResult.Status.FAILED) {
        console.line(
            "  %s %s in %s: %s"
                .formatted(console.red("failed"), result.id(), result.dtype(), result.detail()));
      }
    }
    Map<String, Integer> reasons = new TreeMap<>();
    results.stream()
        .filter(r -> r.status() == CaseResult.Status.SKIPPED)
        .forEach(r -> reasons.merge(r.detail(), 1, Integer::sum));
    reasons.forEach(
        (reason, n) -> console.line(console.dim("  skipped %d: %s".formatted(n, reason))));
  }

  private static String areaLine(Console console, String area, List<CaseResult> results) {
    CaseResult worst = null;
    for (CaseResult result : results) {
      if (!Double.isNaN(result.relative())
          && (worst == null || result.relative() > worst.relative())) {
        worst = result;
      }
    }
    long failed = count(results, CaseResult.Status.FAILED);
    String failures = "%7d".formatted(failed);
    return "  %-12s %6d %7d %8d %s  %s"
        .formatted(
            area,
            results.size(),
            count(results, CaseResult.Status.PASSED),
            count(results, CaseResult.Status.SKIPPED),
            failed == 0 ? failures : console.red(failures),
            worst == null
                ? "-"
                : String.format(
                    Locale.ROOT, "%.3f  %s, %s", worst.relative(), worst.name(), worst.dtype()));
  }

  private static Map<String, Object> row(CaseResult result) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("case", result.id());
    row.put("backend", result.backend());
    row.put("passed", result.passed());
    row.put("worst", finite(result.worst()));
    row.put("tolerance", finite(result.tolerance()));
    row.put("status", result.status().name().toLowerCase(Locale.ROOT));
    row.put("dtype", result.dtype().name());
    row.put("detail", result.detail());
    return row;
  }

  /** JSON has no NaN and no infinity. */
  private static Object finite(double value) {
    return Double.isNaN(value) ? null : Double.isInfinite(value) ? "Infinity" : (Object) value;
  }

  private static Map<String, Object> summary(Session session, List<CaseResult> results) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("event", "summary");
    row.put("backend", session.backend().name());
    row.put("cases", results.size());
    row.put("passed", count(results, CaseResult.Status.PASSED));
    row.put("failed", count(results, CaseResult.Status.FAILED));
    row.put("skipped", count(results, CaseResult.Status.SKIPPED));
    return row;
  }

  private static long count(List<CaseResult> results, CaseResult.Status status) {
    return results.stream().filter(r -> r.status() == status).count();
  }
}
