package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
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
