package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** {@code evaluate} and {@code predict} on models that {@code train} wrote. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EvaluateCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Path folder;
  private Path good;
  private Path poor;
  private JsonNode trained;
  private Path shops;
  private Path regression;
  private Path fruit;
  private Path classes;

  @BeforeAll
  void train(@TempDir Path temporary) throws IOException {
    folder = temporary;
    good = model("good", "--epochs 6 --hidden 64");
    poor = model("poor", "--epochs 1 --hidden 4");
    shops = Files.writeString(folder.resolve("shops.csv"), shops(300));
    regression = model("shops", "--data csv:" + shops + " --target sales --epochs 30 --lr 0.01");
    fruit = Files.writeString(folder.resolve("fruit.csv"), fruit());
    classes = model("fruit", "--data csv:" + fruit + " --target kind --epochs 30 --lr 0.01");
  }

  private Path model(String name, String flags) {
    Path out = folder.resolve(name);
    Cli run = Cli.line("train --json --backend cpu --out " + out + " " + flags);
    assertEquals(0, run.exitCode(), run.err());
    if (name.equals("good")) {
      trained = JSON.readTree(run.outLines().getLast());
    }
    return out.resolve("model.safetensors");
  }

  @Test
  void scoresAreThoseOfTheTraining() {
    Cli run = Cli.run("evaluate", "--model", good, "--json", "--backend", "cpu");
    assertEquals(0, run.exitCode(), run.err());
    assertEquals(1, run.outLines().size());
    JsonNode event = JSON.readTree(run.out());
    assertEquals(trained.get("test_accuracy").asDouble(), event.get("accuracy").asDouble());
    assertEquals(trained.get("test_loss").asDouble(), event.get("loss").asDouble(), 1e-12);
    assertEquals(trained.get("test_examples").asInt(), event.get("examples").asInt());
    long sum = 0;
    long right = 0;
    for (int a = 0; a < 10; a++) {
      for (int p = 0; p < 10; p++) {
        long count = event.get("confusion").get(a).get(p).asLong();
        sum += count;
        right += a == p ? count : 0;
      }
    }
    assertEquals(360, sum);
    assertEquals(event.get("accuracy").asDouble(), right / 360.0);
    assertEquals(10, event.get("classes").size());
  }

  @Test
  void peopleGetATableForEachClassAndTheMatrix() {
    Cli run = Cli.run("evaluate", "--model", good, "--part", "all");
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(run.out().contains("digits, 1,797 examples"), run.out());
    assertTrue(run.out().contains("class             precision"), run.out());
    assertTrue(run.out().contains("true \\ predicted"), run.out());
  }

  @Test
  void aBoundThatIsMissedIs1WithTheReason() {
    Cli run = Cli.run("evaluate", "--model", poor, "--at-least", "accuracy=0.97");
    assertEquals(1, run.exitCode(), run.out());
    assertTrue(run.err().contains("not good enough: accuracy is 0."), run.err());
    assertTrue(run.err().contains("expected at least 0.97"), run.err());
    Cli passed =
        Cli.line(
            "evaluate --json --at-least accuracy=0.8,macro_f1=0.8 --at-most loss=1 --model "
                + good);
    assertEquals(0, passed.exitCode(), passed.err());
    assertTrue(JSON.readTree(passed.out()).get("passed").asBoolean());
    assertEquals(1, Cli.line("evaluate --at-most loss=0.001 --model " + good).exitCode());
  }

  @Test
  void aCandidateHasToBeBetterThanItsBaseline() {
    Cli better = Cli.run("evaluate", "--model", good, "--better-than", poor);
    assertEquals(0, better.exitCode(), better.err());
    assertTrue(better.out().contains("better than " + poor), better.out());
    Cli worse = Cli.run("evaluate", "--model", poor, "--better-than", good, "--json");
    assertEquals(1, worse.exitCode());
    assertTrue(worse.err().contains("not better than " + good), worse.err());
    assertFalse(JSON.readTree(worse.out()).get("passed").asBoolean());
    // Equal is not better.
    assertEquals(1, Cli.run("evaluate", "--model", good, "--better-than", good).exitCode());
    Cli byLoss = Cli.run("evaluate", "--model", good, "--better-than", poor, "--metric", "loss");
    assertEquals(0, byLoss.exitCode(), byLoss.err());
  }

  @Test
  void regressionIsMeasuredInItsOwnUnits() throws IOException {
    Cli run = Cli.run("evaluate", "--model", regression, "--json", "--at-least", "r2=0.98");
    assertEquals(0, run.exitCode(), run.err());
    JsonNode event = JSON.readTree(run.out());
    assertEquals(60, event.get("examples").asInt());
    double rmse = event.get("rmse").asDouble();
    // The noise has a deviation of 2, the targets one of about 100.
    assertTrue(rmse > 1 && rmse < 15, event.toString());
    assertEquals(rmse * rmse, event.get("mse").asDouble(), 1e-6);
    Path fresh = Files.writeString(folder.resolve("fresh.csv"), shops(40));
    Cli other = Cli.run("evaluate", "--model", regression, "--data", "csv:" + fresh, "--json");
    assertEquals(40, JSON.readTree(other.out()).get("examples").asInt());
  }

  @Test
  void predictionsNeedNoTargetAndHaveTheTargetsUnits() throws IOException {
    Path unlabelled =
        Files.writeString(folder.resolve("new.csv"), "ads,size\n10,100\n50,100\n50,500\n");
    Path out = folder.resolve("predicted.csv");
    Cli run = Cli.line("predict --probabilities");
    assertEquals(2, run.exitCode());
    run = Cli.run("predict", "--model", regression, "--data", "csv:" + unlabelled, "--out", out);
    assertEquals(0, run.exitCode(), run.err());
    List<String> lines = Files.readAllLines(out);
    assertEquals("example,sales", lines.getFirst());
    assertEquals(4, lines.size());
    assertTrue(lines.get(1).startsWith("line 2,"), lines.get(1));
    assertEquals(3 * 10 + 0.5 * 100, Double.parseDouble(lines.get(1).split(",")[1]), 25);
    assertEquals(3 * 50 + 0.5 * 500, Double.parseDouble(lines.get(3).split(",")[1]), 25);
  }

  @Test
  void classesArePredictedByNameWithProbabilities() throws IOException {
    Path unlabelled =
        Files.writeString(folder.resolve("unlabelled.csv"), "colour,weight\nred,10\ngreen,300\n");
    Cli run =
        Cli.run("predict", "--model", classes, "--data", "csv:" + unlabelled, "--probabilities");
    assertEquals(0, run.exitCode(), run.err());
    List<String> lines = run.outLines();
    assertEquals("example,prediction,p(cherry),\"p(melon, large)\"", lines.getFirst());
    assertTrue(lines.get(1).startsWith("line 2,cherry,"), lines.get(1));
    assertTrue(lines.get(2).startsWith("line 3,\"melon, large\","), lines.get(2));
    String[] first = lines.get(1).split(",");
    assertEquals(1, Double.parseDouble(first[2]) + Double.parseDouble(first[3]), 1e-9);
    Cli numbers = Cli.run("predict", "--model", regression, "--probabilities");
    assertEquals(2, numbers.exitCode());
  }

  @Test
  void aTableIsEncodedWithWhatTheTrainingLearned() {
    Cli run = Cli.run("evaluate", "--model", classes, "--json", "--part", "all");
    assertEquals(0, run.exitCode(), run.err());
    JsonNode event = JSON.readTree(run.out());
    assertEquals(120, event.get("examples").asInt());
    assertTrue(event.get("accuracy").asDouble() > 0.95, event.toString());
    assertEquals("melon, large", event.get("classes").get(1).get("class").asString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "evaluate --at-least speed=1 | 2 | \"speed\" is not known; expected one of: accuracy,"
            + " macro_precision",
        "evaluate --at-least mse=1 | 2 | mse is not a metric of this model",
        "evaluate --at-least accuracy | 2 | accuracy",
        "evaluate --metric r2 | 2 | r2 is not a metric",
        "evaluate --data csv:x.csv | 2 | trained on digits",
        "evaluate --data cifar | 2 | expected digits, idx:DIR",
        "evaluate --part half | 2 | --part",
        "evaluate --backend cuda | 69 | cuda",
        "evaluate --memory 10K | 1 | limit 10.0 KiB",
        "evaluate --memory lots | 2 | --memory",
        "predict --data csv:x.csv | 2 | trained on digits",
      })
  void mistakesAreNamed(String command, int code, String expected) {
    List<Object> words = new ArrayList<>(List.of(command.strip().split(" +")));
    words.add("--model");
    words.add(good);
    Cli run = Cli.run(words.toArray());
    assertEquals(code, run.exitCode(), run.err());
    assertTrue(run.err().contains(expected.strip()), run.err());
    assertFalse(run.err().contains("\tat "), run.err());
  }

  @Test
  void damagedAndMissingFilesHaveTheirOwnExitCodes() throws IOException {
    assertEquals(66, Cli.run("evaluate", "--model", folder.resolve("none")).exitCode());
    byte[] bytes = Files.readAllBytes(good);
    bytes[bytes.length - 3] ^= 1;
    Path damaged = Files.write(folder.resolve("damaged.safetensors"), bytes);
    Cli run = Cli.run("evaluate", "--model", damaged);
    assertEquals(65, run.exitCode(), run.err());
    assertTrue(run.err().contains("damaged.safetensors"), run.err());
    Cli table = Cli.run("evaluate", "--model", classes, "--data", "csv:" + shops);
    assertEquals(65, table.exitCode(), table.err());
    assertTrue(table.err().contains("colour"), table.err());
  }

  private static String shops(int n) {
    Random random = new Random(n);
    StringBuilder text = new StringBuilder("ads,size,sales\n");
    for (int i = 0; i < n; i++) {
      double ads = 60 * random.nextDouble();
      double size = 600 * random.nextDouble();
      text.append(
          String.format(
              Locale.ROOT,
              "%.3f,%.3f,%.3f%n",
              ads,
              size,
              3 * ads + 0.5 * size + 2 * random.nextGaussian()));
    }
    return text.toString();
  }

  private static String fruit() {
    Random random = new Random(8);
    StringBuilder text = new StringBuilder("colour,weight,kind\n");
    for (int i = 0; i < 120; i++) {
      boolean cherry = i % 3 == 0;
      text.append(
          String.format(
              Locale.ROOT,
              "%s,%.2f,%s%n",
              cherry || i % 7 == 0 ? "red" : "green",
              cherry ? 5 + 10 * random.nextDouble() : 200 + 200 * random.nextDouble(),
              cherry ? "cherry" : "\"melon, large\""));
    }
    return text.toString();
  }
}
