package talweg.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import talweg.error.BackendException;
import talweg.session.Backends;
import talweg.session.Session;
import talweg.spi.Backend;
import talweg.spi.BackendProvider;
import talweg.spi.Precision;

/** {@code talweg benchmark}: how fast this machine is at what a training does. */
@Command(
    name = "benchmark",
    description = {
      "Measures training steps, optimizer updates, matrix products and memory; the rows have the"
          + " fields of a PyTorch twin, to be put in one table.",
      "A case takes two to five times --seconds, as it warms up; longer where a call takes seconds."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class BenchmarkCommand implements Callable<Integer> {
  private static final String EVERY = "all";

  /** The backend that shares no JVM with others: it starts threads for its loops and its BLAS. */
  private static final String APART = "nd4j";

  private static final double SECONDS_OF_ALL = 0.3;

  @Mixin private BenchmarkFlags cases;

  @Option(
      names = "--backend",
      paramLabel = "LIST",
      split = ",",
      hideParamSyntax = true,
      description =
          "Backends by name, with commas between; or all, which leaves the reference out. Default:"
              + " all for the case all, else auto.")
  private List<String> backends;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "Measured time per case. Default: 0.3 for the case all, else 1.")
  private Double seconds;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Worker threads of the CPU backend. Default: as many as cores.")
  private Integer given;

  /** As {@link Threads#of} has it. */
  private int threads;

  @Option(
      names = "--out",
      paramLabel = "FILE.html",
      description = "Write the table to a page of its own, too.")
  private Path out;

  @Option(names = "--json", description = "JSON lines on standard output, text on standard error.")
  private boolean json;

  @Override
  public Integer call() {
    requireSensible();
    double window = seconds != null ? seconds : cases.isAll() ? SECONDS_OF_ALL : 1;
    int cores = Runtime.getRuntime().availableProcessors();
    List<BenchmarkCase> list = cases.list(threads > 0 ? threads : cores);
    Console console = new Console(json);
    Ceilings ceilings = new Ceilings(cases.isAll() ? cases.peak() : 0);
    BenchmarkReport report = new BenchmarkReport(console, ceilings);
    List<String> names = names();
    Map<String, Object> machine = Machine.facts();
    if (cases.isAll()) {
      console.json(machine);
    }
    Map<String, List<BenchmarkRow>> apart = measureApart(names, list, window, console);
    apart.values().forEach(rows -> rows.forEach(ceilings::see));
    for (BenchmarkCase benchmark : list) {
      measure(benchmark, names, new Stopwatch(window), report);
      apart.getOrDefault(benchmark.describe(), List.of()).forEach(report::add);
    }
    report.fastest();
    Crossover crossover = cases.isAll() ? new Crossover(cases, report.rows()) : null;
    if (crossover != null) {
      report.compare(crossover);
    }
    if (out != null) {
      BenchmarkPage.write(out, new BenchmarkPage(machine, report.rows(), ceilings, crossover));
    }
    return ExitCode.DONE;
  }

  private void requireSensible() {
    threads = Threads.of(given);
    if (seconds != null && (!(seconds > 0) || Double.isInfinite(seconds))) {
      throw new UsageException("--seconds: expected a positive number, got " + seconds);
    }
    if (out != null && Files.isDirectory(out)) {
      throw new UsageException("--out: " + out + " is a folder; name a file such as report.html");
    }
  }

  /**
   * Takes ND4J out of the names if there are others, and measures it first, in a JVM of its own;
   * returns its rows by case.
   */
  private Map<String, List<BenchmarkRow>> measureApart(
      List<String> names, List<BenchmarkCase> list, double window, Console console) {
    if (names.size() < 2 || !names.remove(APART)) {
      return Map.of();
    }
    console.progress(APART + ", in a process of its own");
    List<String> arguments = new ArrayList<>(cases.arguments());
    arguments.add("--seconds=" + window);
    if (threads > 0) {
      arguments.add("--threads=" + threads);
    }
    Map<String, List<BenchmarkRow>> rows = new HashMap<>();
    try {
      for (BenchmarkRow row : BenchmarkProcess.run(APART, list, arguments)) {
        // Java's own loops are measured here.
        if (row.backend().equals(APART)) {
          rows.put(row.name(), List.of(row));
        }
      }
    } catch (BackendException e) {
      if (backends != null && backends.contains(APART)) {
        throw e;
      }
      // Nobody asked for it by name: the others are still worth measuring.
      console.line(APART + " is left out: " + e.getMessage());
    }
    return rows;
  }

  private void measure(
      BenchmarkCase benchmark, List<String> names, Stopwatch stopwatch, BenchmarkReport report) {
    // Java's own loops are the same on every backend; the CPU's knows the processor's name.
    if (benchmark instanceof StreamBenchmark) {
      measure(benchmark, Backends.open("cpu", threads, Precision.FP32), stopwatch, report);
      return;
    }
    for (String name : names) {
      measure(benchmark, Backends.open(name, threads, cases.products()), stopwatch, report);
    }
  }

  /** On a session of its own, whose memory is returned before the next row. */
  private static void measure(
      BenchmarkCase benchmark, Backend backend, Stopwatch stopwatch, BenchmarkReport report) {
    try (Session session = new Session(backend)) {
      report.start(benchmark, session);
      report.add(BenchmarkReport.row(benchmark, session, benchmark.run(session, stopwatch)));
    }
  }

  /** Opened once, so that what is missing is reported before anything is measured. */
  private List<String> names() {
    List<String> asked =
        backends != null ? backends : cases.isAll() ? List.of(EVERY) : List.of("auto");
    List<String> names = new ArrayList<>();
    for (String name : asked.equals(List.of(EVERY)) ? available() : asked) {
      if (name.equals(APART) && available().contains(APART)) {
        names.add(name);
        continue;
      }
      try (Backend backend = Backends.open(name, threads, cases.products())) {
        names.add(name.equals("auto") ? backend.name() : name);
      }
    }
    return names;
  }

  /** Without the reference, which is there to be read. */
  private static List<String> available() {
    return Backends.providers().stream()
        .filter(p -> p.rank() >= 0 || p.name().equals(APART))
        .filter(p -> p.unavailableReason().isEmpty())
        .map(BackendProvider::name)
        .toList();
  }
}
