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

  /** A row for people. */
  record Entry(String worker, String device, Stopwatch.Timing timing, String rate) {
    double seconds() {
      return timing.median();
    }

    String median() {
      return time(timing.median());
    }

    String range() {
      return time(timing.least()).strip() + "-" + time(timing.most()).strip();
    }
  }

  BenchmarkReport(Console console) {
    this.console = console;
  }

  void start(BenchmarkCase benchmark, Session session) {
    console.progress(benchmark.describe() + " on " + benchmark.worker(session));
  }

  void row(BenchmarkCase benchmark, Session session, BenchmarkCase.Result result) {
    if (byCase.isEmpty()) {
      console.line("median of %d windows, least and most".formatted(Stopwatch.WINDOWS));
    }
    if (!byCase.containsKey(benchmark.describe())) {
      console.line(console.bold(benchmark.describe()));
    }
    Entry entry =
        new Entry(
            benchmark.worker(session), benchmark.device(session), result.timing(), result.rate());
    byCase.computeIfAbsent(benchmark.describe(), _ -> new ArrayList<>()).add(entry);
    console.line(
        "  %-10s %s  %-21s  %s  %s"
            .formatted(
                entry.worker(),
                entry.median(),
                console.dim(entry.range()),
                entry.rate(),
                console.dim(entry.device())));
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

  /** The rows so far by case, in the order of measuring. */
  Map<String, List<Entry>> rows() {
    return byCase;
  }

  private static Map<String, Object> object(
      BenchmarkCase benchmark, Session session, BenchmarkCase.Result result) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("system", "talweg " + Version.number());
    object.put("backend", benchmark.worker(session));
    object.put("device", benchmark.device(session));
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
