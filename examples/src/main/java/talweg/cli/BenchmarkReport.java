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
  /** Places after the point in JSON, as in the PyTorch twin. */
  private static final double PLACES = 1e4;

  private final Console console;
  private final Map<String, List<Entry>> byCase = new LinkedHashMap<>();

  private record Entry(String worker, double seconds) {}

  BenchmarkReport(Console console) {
    this.console = console;
  }

  void start(BenchmarkCase benchmark, Session session) {
    console.progress(benchmark.describe() + " on " + benchmark.worker(session));
  }

  void row(BenchmarkCase benchmark, Session session, BenchmarkCase.Result result) {
    String worker = benchmark.worker(session);
    String device = session.backend().device();
    Stopwatch.Timing timing = result.timing();
    if (byCase.isEmpty()) {
      console.line("median of %d windows, least and most".formatted(Stopwatch.WINDOWS));
    }
    boolean first = !byCase.containsKey(benchmark.describe());
    byCase
        .computeIfAbsent(benchmark.describe(), _ -> new ArrayList<>())
        .add(new Entry(worker, timing.median()));
    if (first) {
      console.line(console.bold(benchmark.describe()));
    }
    console.line(
        "  %-10s %s  %-21s  %s  %s"
            .formatted(
                worker,
                time(timing.median()),
                console.dim(time(timing.least()).strip() + "-" + time(timing.most()).strip()),
                result.rate(),
                console.dim(device)));
    console.json(object(benchmark, session, result));
  }

  /** Which backend to take for what, if there is a choice. */
  void fastest() {
    if (byCase.values().stream().allMatch(entries -> entries.size() < 2)) {
      return;
    }
    console.line("");
    console.line(console.bold("fastest"));
    byCase.forEach((name, entries) -> {
      if (entries.size() > 1) {
        List<Entry> sorted =
            entries.stream().sorted(Comparator.comparingDouble(Entry::seconds)).toList();
        console.line(
            String.format(
                Locale.ROOT,
                "  %-10s %.2f times as fast as %s: %s",
                sorted.getFirst().worker(),
                sorted.get(1).seconds() / sorted.getFirst().seconds(),
                sorted.get(1).worker(),
                name));
      }
    });
  }

  private static Map<String, Object> object(
      BenchmarkCase benchmark, Session session, BenchmarkCase.Result result) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("system", "talweg " + Version.number());
    object.put("backend", benchmark.worker(session));
    object.put("device", session.backend().device());
    object.put("threads", benchmark.threads(session));
    result.fields().forEach((key, value) -> object.put(key, rounded(value)));
    object.put("windows", result.timing().windows());
    return object;
  }

  private static Object rounded(Object value) {
    return value instanceof Double number ? Math.round(number * PLACES) / PLACES : value;
  }

  private static String time(double seconds) {
    return seconds < 1e-3
        ? String.format(Locale.ROOT, "%8.2f us", seconds * 1e6)
        : String.format(Locale.ROOT, "%8.2f ms", seconds * 1e3);
  }
}
