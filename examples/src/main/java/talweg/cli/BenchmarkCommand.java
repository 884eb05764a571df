package talweg.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
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
  @Mixin private BenchmarkFlags cases;

  @Option(
      names = "--backend",
      paramLabel = "LIST",
      split = ",",
      hideParamSyntax = true,
      defaultValue = "auto",
      description =
          "Backends by name, with commas between; or all, which leaves the reference out. Default:"
              + " ${DEFAULT-VALUE}.")
  private List<String> backends;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "1",
      description = "Measured time per case. Default: ${DEFAULT-VALUE}.")
  private double seconds;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "Worker threads of the CPU backend. Default: as many as cores.")
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
    BenchmarkFlags.requireAtLeast("--threads", threads, 0);
    if (!(seconds > 0) || Double.isInfinite(seconds)) {
      throw new UsageException("--seconds: expected a positive number, got " + seconds);
    }
    if (out != null && Files.isDirectory(out)) {
      throw new UsageException("--out: " + out + " is a folder; name a file such as report.html");
    }
    int cores = Runtime.getRuntime().availableProcessors();
    List<BenchmarkCase> list = cases.list(threads > 0 ? threads : cores);
    BenchmarkReport report = new BenchmarkReport(new Console(json));
    Stopwatch stopwatch = new Stopwatch(seconds);
    List<String> names = names();
    for (BenchmarkCase benchmark : list) {
      // Java's own loops are the same on every backend; the CPU's knows the processor's name.
      if (benchmark instanceof StreamBenchmark) {
        measure(benchmark, Backends.open("cpu", threads, Precision.FP32), stopwatch, report);
        continue;
      }
      for (String name : names) {
        Backend backend = Backends.open(name, threads, cases.products());
        measure(benchmark, backend, stopwatch, report);
      }
    }
    report.fastest();
    if (out != null) {
      BenchmarkPage.write(out, report.rows());
    }
    return ExitCode.DONE;
  }

  /** On a session of its own: a session takes one optimizer. */
  private void measure(
      BenchmarkCase benchmark, Backend backend, Stopwatch stopwatch, BenchmarkReport report) {
    try (Session session = new Session(backend)) {
      report.start(benchmark, session);
      report.row(benchmark, session, benchmark.run(session, stopwatch));
    }
  }

  /** Opened once, so that what is missing is reported before anything is measured. */
  private List<String> names() {
    List<String> names = new ArrayList<>();
    for (String name : backends.equals(List.of("all")) ? available() : backends) {
      try (Backend backend = Backends.open(name, threads, cases.products())) {
        names.add(name.equals("auto") ? backend.name() : name);
      }
    }
    return names;
  }

  /** Without the reference, which is there to be read, and ranks below zero. */
  private static List<String> available() {
    return Backends.providers().stream()
        .filter(p -> p.rank() >= 0 && p.unavailableReason().isEmpty())
        .map(BackendProvider::name)
        .toList();
  }
}
