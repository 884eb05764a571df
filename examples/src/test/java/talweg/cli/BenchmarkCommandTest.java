package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import talweg.backend.Prerequisite;
import talweg.error.BackendException;
import talweg.session.Backends;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class BenchmarkCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SYSTEM = "system,backend,device,threads,case,";

  @TempDir Path folder;

  /** The fields of torch_baseline.py, in its order, with our own between and after them. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "train --dims 6,5,3 --batch 4; "
            + SYSTEM
            + "dims,batch,optimizer,fused,clip,mode,dtype,params,us_per_step,us_min,us_max,"
            + "samples_per_s,gflops,windows",
        "gemm --mkn 3,4,5; " + SYSTEM + "m,k,n,dtype,us,us_min,us_max,gflops,windows",
        "copy --n 100; " + SYSTEM + "n,dtype,ms,ms_min,ms_max,gb_per_s,windows",
        "stream --n 100; " + SYSTEM + "n,dtype,ms,ms_min,ms_max,gb_per_s,windows",
      })
  void aRowHasTheFieldsOfThePyTorchTwin(String flags, String fields) {
    JsonNode row = rows(flags).getFirst();
    assertEquals(List.of(fields.split(",")), names(row));
    assertTrue(row.get("system").asString().startsWith("talweg "), row.toString());
    assertEquals(flags.substring(0, flags.indexOf(' ')), row.get("case").asString());
  }

  @Test
  void aTrainingCountsParametersAndTakesEveryOptimizer() {
    for (String optimizer : List.of("adamw", "adam", "sgd")) {
      JsonNode row =
          rows("train --dims 6,5,3 --batch 4 --clip 1 --optimizer " + optimizer).getFirst();
      assertEquals(optimizer, row.get("optimizer").asString());
      assertEquals("[6,5,3]", row.get("dims").toString());
      assertEquals(6 * 5 + 5 + 5 * 3 + 3, row.get("params").asInt());
      assertEquals(1, row.get("clip").asDouble());
      assertEquals("cpu", row.get("backend").asString());
      assertTrue(row.get("fused").asBoolean());
    }
  }

  @Test
  void anUpdateIsMeasuredWithoutAndWithTheCheckOfGradients() {
    List<JsonNode> rows = rows("optim --n 96 --tensors 3 --optimizer sgd --precision fp64");
    assertEquals(2, rows.size());
    assertEquals("propagate", rows.get(0).get("nonfinite").asString());
    assertEquals("fail", rows.get(1).get("nonfinite").asString());
    for (JsonNode row : rows) {
      assertEquals(96, row.get("n").asInt());
      assertEquals(3, row.get("tensors").asInt());
      assertEquals("fp64", row.get("dtype").asString());
    }
  }

  @Test
  void withSeveralBackendsTheFastestIsTold() {
    Cli run = Cli.run(command("copy --n 64 --backend cpu,reference --seconds 0.01 --json"));
    assertEquals(0, run.exitCode(), run.err());
    List<JsonNode> rows = run.outLines().stream().map(JSON::readTree).toList();
    assertEquals(
        List.of("cpu", "reference"), rows.stream().map(r -> r.get("backend").asString()).toList());
    assertTrue(run.err().contains("fastest"), run.err());
  }

  @Test
  void allIsTheDefaultAndHasEveryCaseAndSmallTrainings() {
    BenchmarkFlags flags = new BenchmarkFlags();
    new CommandLine(flags).setCaseInsensitiveEnumValuesAllowed(true).parseArgs("--n", "64");
    List<String> cases = flags.list(2).stream().map(BenchmarkCase::describe).toList();
    for (String kind : List.of("copy 64", "stream 64", "optim 64", "gemm", "train 784,512")) {
      assertTrue(cases.stream().anyMatch(c -> c.startsWith(kind)), kind + " in " + cases);
    }
    assertTrue(cases.contains("train 64,64,64,10, batch 32, adamw, fp32"), cases.toString());
    assertEquals(cases.size(), cases.stream().distinct().count());
  }

  private static final String TINY =
      "all --seconds 0.001 --n 64 --peak 8 --widths 3,5 --batches 2,4,7 --dims 6,5,3 --batch 4"
          + " --mkn 3,4,5";

  /** The reference stands in for a second backend of the same process. */
  @Test
  void allComparesBackendsAndHoldsThemAgainstTheCeilings() throws IOException {
    Path page = folder.resolve("page.html");
    Cli run = Cli.run(command(TINY + " --backend cpu,reference --json --out " + page));
    assertEquals(0, run.exitCode(), run.err());
    List<JsonNode> lines = run.outLines().stream().map(JSON::readTree).toList();
    JsonNode machine = lines.getFirst();
    assertEquals("machine", machine.get("event").asString());
    for (String fact : List.of("talweg", "commit", "time", "system", "cores", "jvm", "flags")) {
      assertTrue(machine.has(fact), fact + " in " + machine);
    }
    List<JsonNode> rows = lines.stream().filter(line -> line.has("case")).toList();
    for (JsonNode row : rows) {
      boolean ceiling =
          List.of("copy", "stream").contains(row.get("case").asString())
              || (row.has("m") && row.get("m").asInt() == 8);
      assertEquals(!ceiling, row.has("of_ceiling"), row.toString());
      assertTrue(ceiling || row.get("of_ceiling").asDouble() >= 0, row.toString());
    }
    List<JsonNode> cells =
        lines.stream().filter(line -> line.toString().contains("\"crossover\"")).toList();
    assertEquals(2 * 3, cells.size());
    JsonNode cell = cells.get(1);
    assertEquals(5, cell.get("width").asInt());
    assertEquals(2, cell.get("batch").asInt());
    assertTrue(cell.get("factor").asDouble() >= 1, cell.toString());
    assertEquals(
        List.of("cpu", "reference"), names(cell.get("samples_per_s")).stream().sorted().toList());
    assertEquals(names(cell.get("samples_per_s")).getFirst(), cell.get("winner").asString());
    String html = Files.readString(page);
    assertTrue(html.contains("width 5") && html.contains("class=\"bar\""), html);
  }

  @Test
  void aCaseIsHeldAgainstTheBestCeilingOfItsHardware() {
    Ceilings ceilings = new Ceilings(8);
    ceilings.see(row("copy", "a", "X, 2 threads, BLAS", Map.of("gb_per_s", 10.0)));
    ceilings.see(row("stream", "java", "X, 2 threads, ND4J", Map.of("gb_per_s", 20.0)));
    ceilings.see(row("copy", "b", "Y", Map.of("gb_per_s", 1000.0)));
    Map<String, Object> peak = Map.of("gflops", 100.0, "m", 8, "k", 8, "n", 8);
    ceilings.see(row("gemm", "a", "X, 2 threads, BLAS", peak));
    ceilings.see(row("gemm", "a", "X", Map.of("gflops", 999.0, "m", 8, "k", 9, "n", 8)));
    BenchmarkRow update = row("optim", "c", "X, 1 thread", Map.of("gb_per_s", 15.0));
    assertEquals(0.75, ceilings.hold(update).fraction());
    BenchmarkRow training = row("train", "c", "X, 1 thread", Map.of("gflops", 25.0));
    assertEquals(0.25, ceilings.hold(training).fraction());
    assertTrue(Double.isNaN(ceilings.hold(row("train", "b", "Y", Map.of())).fraction()));
  }

  private static BenchmarkRow row(
      String kind, String backend, String device, Map<String, Object> more) {
    Map<String, Object> fields = new HashMap<>(more);
    fields.putAll(Map.of("case", kind, "backend", backend, "device", device));
    return new BenchmarkRow(kind, fields);
  }

  /** In a JVM of its own, whose rows come where those of the other backends are. */
  @Test
  void nd4jIsMeasuredApart() {
    Optional<String> missing =
        Backends.providers().stream()
            .filter(p -> p.name().equals("nd4j"))
            .findFirst()
            .orElseThrow()
            .unavailableReason();
    Prerequisite.require(
        missing.isEmpty(), Prerequisite.isLinuxOnAmd64(), missing.orElse("nothing"));
    Cli run = Cli.run(command("gemm --mkn 3,4,5 --seconds 0.01 --backend nd4j,cpu --json"));
    assertEquals(0, run.exitCode(), run.err());
    List<JsonNode> rows = run.outLines().stream().map(JSON::readTree).toList();
    assertEquals(
        List.of("cpu", "nd4j"), rows.stream().map(r -> r.get("backend").asString()).toList());
    assertEquals(names(rows.get(0)), names(rows.get(1)));
  }

  @Test
  void aProcessThatFailsIsReportedWithWhatItSaid() {
    BackendException e =
        assertThrows(
            BackendException.class,
            () -> BenchmarkProcess.run("nobody", List.of(), List.of("gemm", "--mkn=1,2,3")));
    assertTrue(e.getMessage().contains("backend \"nobody\" is not known"), e.getMessage());
  }

  @Test
  void peopleGetATable() {
    Cli run = Cli.run(command("gemm --mkn 3,4,5 --seconds 0.01 --backend cpu"));
    assertEquals(0, run.exitCode(), run.err());
    assertEquals("gemm 3,4,5, fp32", run.outLines().get(1));
    assertTrue(run.outLines().get(2).contains("GFLOP/s"), run.out());
  }

  @Test
  void thePageHasTheTable() throws IOException {
    Path page = folder.resolve("new/page.html");
    Cli run = Cli.run(command("stream --n 100 --threads 2 --seconds 0.01 --out " + page));
    assertEquals(0, run.exitCode(), run.err());
    String html = Files.readString(page);
    assertTrue(html.contains("<td>stream 100 elements of 4 arrays, 2 threads</td>"), html);
    assertTrue(html.endsWith("</html>\n"), html);
    Cli again = Cli.run(command("copy --n 100 --out " + folder));
    assertEquals(2, again.exitCode(), again.err());
    assertTrue(again.err().contains("--out"), again.err());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "sort; 2; sort",
        "train --optimizer lion; 2; lion",
        "train --dims 784; 2; --dims",
        "train --dims 784,0,10; 2; --dims",
        "train --dims 784,1; 2; --dims",
        "train --batch 0; 2; --batch",
        "train --clip -1; 2; --clip",
        "gemm --mkn 1,2; 2; --mkn",
        "gemm --mkn 1,x,2; 2; --mkn",
        "copy --n 0; 2; --n",
        "optim --n 10 --tensors 3; 2; --tensors",
        "copy --precision fp8; 2; fp8",
        "gemm --backend cpu --precision tf32; 69; tf32",
        "copy --seconds 0; 2; --seconds",
        "all --peak 0; 2; --peak",
        "all --widths 8,0; 2; --widths",
        "all --batches 0; 2; --batches",
        "copy --threads -1; 2; --threads",
        "copy --backend cpu,gpu; 69; gpu",
        "copy --backend cuda; 69; cuda",
      })
  void wrongUsageIsNamed(String flags, int exitCode, String named) {
    Cli run = Cli.run(command(flags));
    assertEquals(exitCode, run.exitCode(), run.err());
    assertEquals("", run.out());
    assertTrue(run.err().contains(named), run.err());
  }

  private static List<JsonNode> rows(String flags) {
    Cli run = Cli.run(command(flags + " --seconds 0.01 --backend cpu --json"));
    assertEquals(0, run.exitCode(), run.err());
    return run.outLines().stream().map(JSON::readTree).toList();
  }

  private static List<String> names(JsonNode row) {
    return new ArrayList<>(row.propertyNames());
  }

  private static Object[] command(String flags) {
    return Arrays.stream(("benchmark " + flags).split(" ")).toArray();
  }
}
