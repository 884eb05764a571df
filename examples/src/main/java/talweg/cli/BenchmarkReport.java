package talweg.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import talweg.session.Session;

/** The rows of a benchmark: a table for people, JSON for programs. */
final class BenchmarkReport {
  private final Console console;
  private final Ceilings ceilings;
  private final Map<String, List<BenchmarkRow>> byCase = new LinkedHashMap<>();

  /**
   * A report without rows.
   *
   * @param ceilings what rows are held against
   */
  BenchmarkReport(Console console, Ceilings ceilings) {
    this.console = console;
    this.ceilings = ceilings;
  }

  void start(BenchmarkCase benchmark, Session session) {
    console.progress(benchmark.describe() + " on " + benchmark.worker(session));
  }

  /** What was measured in this process. */
  static BenchmarkRow row(BenchmarkCase benchmark, Session session, BenchmarkCase.Result result) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("system", "talweg " + Version.number());
    fields.put("backend", benchmark.worker(session));
    fields.put("device", benchmark.device(session));
    fields.put("threads", benchmark.threads(session));
    fields.putAll(result.fields());
    fields.put("windows", result.timing().windows());
    return new BenchmarkRow(benchmark.describe(), fields);
  }

  void add(BenchmarkRow measured) {
    ceilings.see(measured);
    BenchmarkRow row = ceilings.hold(measured);
    if (byCase.isEmpty()) {
      console.line("median of %d windows, minimum and maximum".formatted(Stopwatch.WINDOWS));
    }
    if (!byCase.containsKey(row.name())) {
      console.line(console.bold(row.name()));
    }
    byCase.computeIfAbsent(row.name(), _ -> new ArrayList<>()).add(row);
    console.line(
        "  %-10s %s  %-21s  %s%s  %s"
            .formatted(
                row.backend(),
                row.time(),
                console.dim(row.range()),
                row.rate(),
                Double.isNaN(row.fraction())
                    ? ""
                    : String.format(Locale.ROOT, ", %.0f %% of ceiling", 100 * row.fraction()),
                console.dim(row.device())));
    console.json(row.json());
  }

  /** The ceilings and the crossover chart, after everything else. */
  void compare(Crossover crossover) {
    console.line("");
    console.line(console.bold("ceilings"));
    ceilings.describe().forEach(line -> console.line("  " + line));
    console.line("");
    console.line(console.bold("fastest training, and how many times as fast as the next"));
    crossover.table().forEach(console::line);
    crossover.cells().forEach(cell -> console.json(cell.json()));
  }

  /** Which backend to take for what, if there is a choice. */
  void fastest() {
    if (byCase.values().stream().allMatch(entries -> entries.size() < 2)) {
      return;
    }
    console.line("");
    console.line(console.bold("fastest"));
    byCase.forEach((name, rows) -> {
      if (rows.size() > 1) {
        List<BenchmarkRow> sorted =
            rows.stream().sorted(Comparator.comparingDouble(BenchmarkRow::median)).toList();
        console.line(
            String.format(
                Locale.ROOT,
                "  %-10s %.2f times as fast as %s: %s",
                sorted.getFirst().backend(),
                sorted.get(1).median() / sorted.getFirst().median(),
                sorted.get(1).backend(),
                name));
      }
    });
  }

  /** The rows so far by case, in the order of measuring. */
  Map<String, List<BenchmarkRow>> rows() {
    return byCase;
  }
}
