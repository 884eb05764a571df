package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.io.HostTensor;
import talweg.io.Safetensors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Models and checkpoints that an older version wrote load and resume; see the README beside them.
 */
class FormerFilesTest {
  private static final Path FILES = Path.of("src/test/resources/talweg/fixtures/ea1175e");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Fields that depend on time or machine, or name a place. */
  private static final Set<String> NOT_COMPARED =
      Set.of("backend", "device", "seconds", "samples_per_s", "peak_memory_bytes", "out", "model");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "adamw",
        "adamw-fp64",
        "plateau",
        "nadam-accumulate",
        "lamb",
        "dropout",
        "classes",
        "numbers",
        "cnn"
      })
  void aFormerRunResumesToTheSameBits(String name) throws IOException {
    List<JsonNode> events = resume(name, "--json");
    FormerTensors.assertSame(weights(FILES.resolve(name)), weights(folder));
    List<JsonNode> former =
        Files.readAllLines(FILES.resolve(name).resolve("resumed.jsonl")).stream()
            .map(JSON::readTree)
            .toList();
    assertEquals(count(former, "epoch"), count(events, "epoch"));
    assertHasFieldsOf(former.getLast(), events.getLast());
    assertEquals(figures(FILES.resolve(name)), figures(folder));
  }

  /** Other kernels round otherwise. */
  @ParameterizedTest
  @ValueSource(strings = {"adamw", "adamw-fp64", "lamb", "dropout", "numbers", "cnn"})
  void aFormerRunResumesOnTheCpu(String name) throws IOException {
    resume(name, "--json", "--backend", "cpu");
    FormerTensors.assertNear(weights(FILES.resolve(name)), weights(folder), 1e-4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"adamw", "classes", "numbers", "cnn"})
  void aFormerModelHasTheSameScoresAndPredictions(String name) throws IOException {
    Path former = FILES.resolve(name);
    String model =
        " --backend reference --part test --model " + former.resolve("final.safetensors");
    Cli scores = Cli.line("evaluate --json" + model);
    assertEquals(0, scores.exitCode(), scores.err());
    assertHasFieldsOf(
        JSON.readTree(Files.readString(former.resolve("evaluate.json"))),
        JSON.readTree(scores.outLines().getLast()));
    Cli predictions = Cli.line("predict" + model);
    assertEquals(0, predictions.exitCode(), predictions.err());
    List<String> expected = Files.readAllLines(former.resolve("predict.csv"));
    assertEquals(expected.size(), predictions.outLines().size());
    for (int i = 1; i < expected.size(); i++) {
      assertNear(last(expected.get(i)), last(predictions.outLines().get(i)), "row " + i);
    }
  }

  /** Later fields are welcome; the ones that were there stay, with their values. */
  @Test
  void aMissingFieldIsNoticed() {
    JsonNode former = JSON.readTree("{\"event\":\"done\",\"steps\":3,\"seconds\":1}");
    assertHasFieldsOf(
        former, JSON.readTree("{\"event\":\"done\",\"steps\":3,\"seconds\":2,\"x\":1}"));
    for (String wrong :
        List.of(
            "{\"event\":\"done\",\"seconds\":2}",
            "{\"event\":\"done\",\"steps\":4,\"seconds\":2}")) {
      assertThrows(AssertionError.class, () -> assertHasFieldsOf(former, JSON.readTree(wrong)));
    }
  }

  private List<JsonNode> resume(String name, String... flags) throws IOException {
    Path run = FILES.resolve(name).resolve("run");
    Files.createDirectories(folder.resolve("checkpoint"));
    for (String file : List.of("metrics.csv", "checkpoint/" + checkpoint(run))) {
      Files.copy(run.resolve(file), folder.resolve(file));
    }
    Cli resumed = Cli.line("train --no-plots --resume " + folder + " " + String.join(" ", flags));
    assertEquals(0, resumed.exitCode(), resumed.err());
    return resumed.outLines().stream().map(JSON::readTree).toList();
  }

  private static String checkpoint(Path run) throws IOException {
    try (var files = Files.list(run.resolve("checkpoint"))) {
      return files.findFirst().orElseThrow().getFileName().toString();
    }
  }

  private static Map<String, HostTensor> weights(Path run) {
    Path written = run.resolve("model.safetensors");
    Path file = Files.exists(written) ? written : run.resolve("final.safetensors");
    return Safetensors.read(file).tensors();
  }

  private static long count(List<JsonNode> events, String kind) {
    return events.stream().filter(e -> e.get("event").asString().equals(kind)).count();
  }

  private static void assertHasFieldsOf(JsonNode former, JsonNode now) {
    former
        .properties()
        .forEach(field -> {
          assertTrue(now.has(field.getKey()), field.getKey() + " is missing in " + now);
          if (!NOT_COMPARED.contains(field.getKey())) {
            assertSameValue(field.getValue(), now.get(field.getKey()), field.getKey());
          }
        });
  }

  private static void assertSameValue(JsonNode expected, JsonNode actual, String name) {
    if (expected.isObject()) {
      assertHasFieldsOf(expected, actual);
    } else if (expected.isArray()) {
      assertEquals(expected.size(), actual.size(), name);
      for (int i = 0; i < expected.size(); i++) {
        assertSameValue(expected.get(i), actual.get(i), name);
      }
    } else {
      assertNear(expected.asString(), actual.asString(), name);
    }
  }

  /** Equal texts, or numbers that are nearly equal. */
  private static void assertNear(String expected, String actual, String name) {
    if (!expected.equals(actual)) {
      double e = Double.parseDouble(expected);
      assertEquals(e, Double.parseDouble(actual), 1e-6 * Math.max(1, Math.abs(e)), name);
    }
  }

  /** The columns of metrics.csv before those of time, whose order stays. */
  private static List<List<String>> figures(Path run) throws IOException {
    return Files.readAllLines(run.resolve("metrics.csv")).stream()
        .skip(1)
        .map(line -> List.of(line.split(",", -1)).subList(0, 8))
        .toList();
  }

  private static String last(String row) {
    return row.substring(row.lastIndexOf(',') + 1);
  }
}
