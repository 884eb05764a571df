package talweg.cli;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import talweg.error.BackendException;
import talweg.json.StrictJson;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.ObjectMapper;

/**
 * Measures a backend in a JVM of its own, with this one's flags: what it loads, and the threads
 * that it starts, then falsify nobody else's figures.
 */
final class BenchmarkProcess {
  private static final TypeReference<Map<String, Object>> FIELDS = new TypeReference<>() {};

  /** Not for another process: they speak of this one's terminal, cache and debugger. */
  private static final List<String> OWN_FLAGS =
      List.of("-Dtalweg.stderr", "-Dtalweg.tty", "-XX:AOT", "-Xlog:", "-agentlib:", "-javaagent:");

  private BenchmarkProcess() {}

  /**
   * Runs {@code benchmark} for one backend, and waits for it.
   *
   * @param cases what it measures, in the order of its rows
   * @param arguments its flags, without backend and output
   * @throws BackendException if it fails, with what it said last
   */
  static List<BenchmarkRow> run(String backend, List<BenchmarkCase> cases, List<String> arguments) {
    List<String> command = new ArrayList<>(jvm());
    command.addAll(List.of("talweg.cli.Main", "benchmark"));
    command.addAll(arguments);
    command.addAll(List.of("--backend=" + backend, "--json"));
    try {
      Path errors = Files.createTempFile("talweg-benchmark", ".txt");
      try {
        return rows(backend, cases, command, errors);
      } finally {
        Files.delete(errors);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("benchmark: cannot start a JVM for " + backend, e);
    }
  }

  private static List<BenchmarkRow> rows(
      String backend, List<BenchmarkCase> cases, List<String> command, Path errors)
      throws IOException {
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    try {
      process.getOutputStream().close();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = process.waitFor();
      if (code != 0) {
        throw new BackendException(
            "benchmark: the JVM that measures %s ended with %d: %s"
                .formatted(backend, code, last(errors)));
      }
      return parse(cases, out);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackendException("benchmark: interrupted while " + backend + " was measured", e);
    } finally {
      process.destroy();
    }
  }

  private static List<BenchmarkRow> parse(List<BenchmarkCase> cases, String out) {
    ObjectMapper mapper = new ObjectMapper();
    Iterator<BenchmarkCase> names = cases.iterator();
    return out.lines()
        .map(line -> mapper.convertValue(StrictJson.read("benchmark", line), FIELDS))
        .filter(fields -> fields.containsKey("case"))
        .map(fields -> new BenchmarkRow(names.next().describe(), fields))
        .toList();
  }

  /** Java as this process runs, up to the class path. */
  private static List<String> jvm() {
    List<String> jvm = new ArrayList<>();
    jvm.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    jvm.addAll(flags());
    jvm.add("--sun-misc-unsafe-memory-access=allow"); // JavaCPP asks for it, and would be warned of
    jvm.addAll(List.of("-cp", System.getProperty("java.class.path")));
    return jvm;
  }

  /** This JVM's flags that matter to what is measured. */
  static List<String> flags() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> OWN_FLAGS.stream().noneMatch(flag::startsWith))
        .toList();
  }

  private static String last(Path errors) throws IOException {
    try (Stream<String> lines = Files.lines(errors)) {
      return lines.reduce((_, next) -> next).orElse("it said nothing");
    }
  }
}
