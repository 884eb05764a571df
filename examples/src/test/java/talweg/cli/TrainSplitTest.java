package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import talweg.data.Csv;
import talweg.data.Dataset;
import talweg.data.SplitRule;
import talweg.io.Safetensors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Training, validation and test part of {@code train}: what each is used for, and from where. */
class TrainSplitTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ROWS = 200;
  private static final String SMALL =
      "train --json --backend cpu --hidden 8 --epochs 12 --batch 16 --lr 0.05 ";

  @TempDir Path folder;
  private Path table;
  private int runs;

  @BeforeEach
  void table() {
    table = write("t.csv", lines());
  }

  private Path write(String name, String... lines) {
    try {
      return Files.writeString(folder.resolve(name), String.join("\n", lines) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The number of the row, two features, and a class that depends on them: a third is "b". */
  private static String[] lines() {
    Random random = new Random(4);
    String[] lines = new String[ROWS + 1];
    lines[0] = "row,x,y,kind";
    for (int i = 0; i < ROWS; i++) {
      double x = random.nextGaussian();
      double y = random.nextGaussian();
      boolean noisy = random.nextInt(8) == 0;
      lines[i + 1] = "%d,%.4f,%.4f,%s".formatted(i, x, y, x + y > 0.6 ^ noisy ? "b" : "a");
    }
    return lines;
  }

  private Cli run(String flags) {
    return Cli.line(SMALL + flags + " --out " + out(++runs));
  }

  private Path out(int run) {
    return folder.resolve("out" + run);
  }

  private List<JsonNode> events(String flags) {
    Cli run = run(flags);
    assertEquals(0, run.exitCode(), run.err());
    return run.outLines().stream().map(JSON::readTree).toList();
  }

  private static int[] rows(Dataset part) {
    return IntStream.range(0, part.size()).map(i -> (int) part.features(i)[0]).toArray();
  }

  /** The columns of metrics.csv that are no measurements of time. */
  private List<String> figures(int run) throws IOException {
    return Files.readAllLines(out(run).resolve("metrics.csv")).stream()
        .map(line -> String.join(",", Arrays.copyOf(line.split(",", -1), 7)))
        .toList();
  }

  // ---- what each part is used for

  /** Whatever the rows of the test part hold, the training is the same. */
  @Test
  void theTestPartChangesNothingButTheTestResult() throws IOException {
    String flags = "--data csv:%s --early-stop 4 --schedule plateau:patience=0".formatted(table);
    JsonNode before = events(flags).getLast();
    String[] lines = lines();
    for (int row : rows(Csv.load(table).split(0.8, 42).test())) {
      lines[row + 1] = row + ",99,-99," + (lines[row + 1].endsWith("a") ? "b" : "a");
    }
    write("t.csv", lines);
    JsonNode after = events(flags).getLast();
    assertEquals(figures(1), figures(2));
    assertArrayEquals(
        Files.readAllBytes(out(1).resolve("best.safetensors")),
        Files.readAllBytes(out(2).resolve("best.safetensors")));
    assertEquals(before.get("kept_epoch"), after.get("kept_epoch"));
    assertEquals(before.get("val_loss"), after.get("val_loss"));
    assertNotEquals(before.get("test_loss"), after.get("test_loss"));
  }

  /** The labels of the test part are wrong: by it, the first epoch would be the best. */
  @Test
  void theBestEpochIsThatOfTheValidationPart() {
    String[] lines = lines();
    String[] wrong = lines.clone();
    for (int i = 1; i < wrong.length; i++) {
      char kind = wrong[i].endsWith("a") ? 'b' : 'a';
      wrong[i] = wrong[i].substring(0, wrong[i].length() - 1) + kind;
    }
    Path other = write("wrong.csv", wrong);
    String data = "--data csv:%s --early-stop 12 ".formatted(table);
    List<JsonNode> right = events(data + "--test-data csv:" + other);
    JsonNode done = right.getLast();
    List<JsonNode> epochs = right.subList(0, right.size() - 1);
    int best =
        epochs.stream()
            .min(Comparator.comparingDouble(e -> e.get("val_loss").asDouble()))
            .orElseThrow()
            .get("epoch")
            .asInt();
    assertEquals(best, done.get("kept_epoch").asInt());
    assertEquals(epochs.get(best - 1).get("val_loss"), done.get("val_loss"));
    assertEquals(ROWS, done.get("test_examples").asInt());
    assertEquals(180, done.get("train_examples").asInt());
    JsonNode misled = events(data + "--split 100/0/0 --validation-data csv:" + other).getLast();
    assertTrue(misled.get("kept_epoch").asInt() < best, misled + " " + best);
  }

  @Test
  void theTestResultIsThatOfTheSavedWeights() {
    List<JsonNode> events = events("--data csv:" + table);
    JsonNode done = events.getLast();
    for (JsonNode event : events.subList(0, events.size() - 1)) {
      assertTrue(event.has("val_loss") && event.has("val_accuracy"), event.toString());
      assertFalse(event.has("test_loss") || event.has("test_accuracy"), event.toString());
    }
    Path model = out(1).resolve("model.safetensors");
    var metadata = Safetensors.read(model).metadata();
    assertEquals(
        done.get("test_loss").asDouble(), Double.parseDouble(metadata.get("talweg.test_loss")));
    assertEquals(
        done.get("val_loss").asDouble(), Double.parseDouble(metadata.get("talweg.val_loss")));
    for (String part : List.of("test", "validation")) {
      JsonNode event =
          JSON.readTree(
              Cli.line("evaluate --json --backend cpu --part " + part + " --model " + model).out());
      String name = part.equals("test") ? "test" : "val";
      assertEquals(done.get(name + "_loss").asDouble(), event.get("loss").asDouble(), 1e-12);
      assertEquals(done.get(name + "_accuracy"), event.get("accuracy"));
      assertEquals(done.get(part + "_examples"), event.get("examples"));
    }
  }

  @Test
  void peopleSeeValidationWhileItRunsAndTheTestAtTheEnd() throws IOException {
    Cli run =
        Cli.line(
            "train --backend cpu --hidden 8 --epochs 2 --data csv:%s --out %s"
                .formatted(table, folder.resolve("text")));
    assertTrue(run.out().contains("144 training, 16 validation and 40 test examples"), run.out());
    assertEquals(2, run.out().lines().filter(l -> l.contains("  val loss ")).count(), run.out());
    List<String> tested = run.out().lines().filter(l -> l.contains("test loss")).toList();
    assertEquals(1, tested.size(), run.out());
    assertTrue(tested.getFirst().startsWith("done test loss "), run.out());
    String page = Files.readString(folder.resolve("text/report.html"));
    for (String figure : List.of("test accuracy", "test loss", "validation loss")) {
      assertTrue(page.contains("<dt>" + figure + "</dt>"), figure);
    }
    assertTrue(page.contains(">validation</text>"), "the curve");
    assertFalse(page.contains(">test</text>"), "a curve of the test part");
  }

  // ---- from where the parts are

  @Test
  void percentagesAreThoseOfTheClassesToo() {
    JsonNode done = events("--split 60/15/25 --data csv:" + table).getLast();
    assertEquals(120, done.get("train_examples").asInt());
    assertEquals(30, done.get("validation_examples").asInt());
    assertEquals(50, done.get("test_examples").asInt());
    long b = Arrays.stream(lines()).filter(line -> line.endsWith("b")).count();
    for (String part : List.of("train", "validation", "test")) {
      JsonNode event =
          JSON.readTree(
              Cli.line(
                      "evaluate --json --backend cpu --part %s --model %s"
                          .formatted(part, out(1).resolve("model.safetensors")))
                  .out());
      int n = event.get("examples").asInt();
      assertEquals(done.get(part + "_examples").asInt(), n);
      int own = event.get("classes").get(1).get("examples").asInt();
      assertEquals((double) b * n / ROWS, own, 1.5, part);
    }
  }

  @Test
  void withoutAValidationPartTheTrainingFiguresAreWatched() {
    Cli run = run("--split 80/0/20 --early-stop 3 --data csv:" + table);
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(run.err().contains("no validation part; early stopping, plateaus"), run.err());
    JsonNode done = JSON.readTree(run.outLines().getLast());
    assertEquals(0, done.get("validation_examples").asInt());
    assertTrue(done.get("val_loss").isNull() && done.get("val_accuracy").isNull());
    assertEquals(40, done.get("test_examples").asInt());
    assertTrue(done.get("test_loss").asDouble() > 0, done.toString());
    Cli validation =
        Cli.line("evaluate --part validation --model " + out(1).resolve("model.safetensors"));
    assertEquals(2, validation.exitCode());
    assertTrue(validation.err().contains("--part validation: "), validation.err());
  }

  @Test
  void withoutATestPartNothingIsMeasuredAtTheEnd() throws IOException {
    Cli run = run("--split 80/20/0 --data csv:" + table);
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(run.err().contains("no test part; nothing is measured"), run.err());
    JsonNode done = JSON.readTree(run.outLines().getLast());
    assertEquals(0, done.get("test_examples").asInt());
    assertTrue(done.get("test_loss").isNull() && done.get("test_accuracy").isNull());
    Path model = out(1).resolve("model.safetensors");
    assertFalse(Safetensors.read(model).metadata().containsKey("talweg.test_loss"));
    assertFalse(Files.readString(out(1).resolve("report.html")).contains("<dt>test loss</dt>"));
    Cli test = Cli.line("evaluate --model " + model);
    assertEquals(2, test.exitCode());
    assertTrue(test.err().contains("choose another part, or name other data"), test.err());
  }

  @ParameterizedTest
  @CsvSource({"'', held", "--stream, streamed"})
  void filesBringTheirParts(String flags, String how) {
    String[] lines = lines();
    Path train = write("train.csv", Arrays.copyOf(lines, 121));
    String[] validation = Arrays.copyOf(lines, 31);
    System.arraycopy(lines, 121, validation, 1, 30);
    String[] test = Arrays.copyOf(lines, 21);
    System.arraycopy(lines, 151, test, 1, 20);
    write("v.csv", validation);
    write("u.csv", test);
    JsonNode done =
        events(
                "%s --data csv:%s --validation-data csv:%s --test-data csv:%s"
                    .formatted(flags, train, folder.resolve("v.csv"), folder.resolve("u.csv")))
            .getLast();
    assertEquals(120, done.get("train_examples").asInt(), how);
    assertEquals(30, done.get("validation_examples").asInt());
    assertEquals(20, done.get("test_examples").asInt());
    Path model = out(1).resolve("model.safetensors");
    JsonNode tested =
        JSON.readTree(Cli.line("evaluate --json --backend cpu --model " + model).out());
    assertEquals(20, tested.get("examples").asInt());
    assertEquals(done.get("test_loss").asDouble(), tested.get("loss").asDouble(), 1e-6);
    JsonNode validated =
        JSON.readTree(
            Cli.line("evaluate --json --backend cpu --part validation --model " + model).out());
    assertEquals(done.get("val_loss").asDouble(), validated.get("loss").asDouble(), 1e-6);
    JsonNode only =
        events(
                "%s --data csv:%s --validation-data csv:%s"
                    .formatted(flags, train, folder.resolve("v.csv")))
            .getLast();
    assertEquals(96, only.get("train_examples").asInt());
    assertEquals(24, only.get("test_examples").asInt());
  }

  @Test
  void aFileIsEncodedWithWhatTheTrainingRowsTaught() {
    String[] lines = lines();
    String[] shifted = lines.clone();
    for (int i = 1; i < shifted.length; i++) {
      shifted[i] = lines[i].replaceFirst(",([^,]*),", ",1e4,");
    }
    Path plain = write("plain.csv", lines);
    Path other = write("shifted.csv", shifted);
    String data = "--data csv:%s --validation-data csv:".formatted(table);
    JsonNode expected = events(data + plain).getLast();
    JsonNode done = events(data + other).getLast();
    assertEquals(preprocessing(1), preprocessing(2));
    assertEquals(expected.get("test_loss"), done.get("test_loss"));
    assertNotEquals(expected.get("val_loss"), done.get("val_loss"));
    Path unknown = write("u.csv", "row,x,y,kind", "1,2,3,c");
    Cli run = run("--data csv:%s --test-data csv:%s".formatted(table, unknown));
    assertEquals(65, run.exitCode(), run.err());
    assertTrue(run.err().contains("u.csv"), run.err());
  }

  private String preprocessing(int run) {
    var metadata = Safetensors.read(out(run).resolve("model.safetensors")).metadata();
    return JSON.readTree(metadata.get("talweg.model")).get("preprocessing").toString();
  }

  // ---- what does not go together

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--split 70/15 | expected three numbers such as 70/15/15, got 2",
        "--split 70/15/x | expected percent for TRAIN/VALIDATION/TEST such as 70/15/15",
        "--split 80 | expected three numbers",
        "--split 70/15/16 | expected numbers that add up to 100, got 101",
        "--split 33.3/33.3/33.3 | add up to 100, got 99.9",
        "--split 110/-5/-5 | percent of at least 0",
        "--split 0/50/50 | more than 0 % for training",
        "--test-data csv:t.csv | --data digits is all there is of its kind",
        "--validation-data digits | --data digits is all there is of its kind",
        "--data csv:t.csv --test-data idx:x | expected csv:... as in --data csv:t.csv",
        "--data csv:t.csv --test-data digits | expected csv:... as in --data",
        "--data csv:t.csv --test-data csv: | expected csv:...",
        "--data csv:t.csv --test-data csv:./t.csv | other examples than those of --data",
        "--data csv:t.csv --validation-data csv:a --test-data csv:a | than those of"
            + " --validation-data",
        "--data csv:t.csv --split 70/10/20 --test-data csv:u | 0 % for the part that --test-data"
            + " brings, got 20",
        "--data csv:t.csv --split 70/10/20 --validation-data csv:u | --validation-data brings, got"
            + " 10",
      })
  void wrongFlagsAreNamed(String flags, String expected) {
    Cli run = run(flags);
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.err().contains(expected), run.err());
    assertEquals("", run.out());
    assertFalse(run.err().contains("\tat "), run.err());
  }

  @Test
  void tooFewRowsAre65AndMissingFilesAre66() {
    Path small = write("small.csv", "a,b,c", "1,2,x", "3,4,y", "2,2,x", "1,4,y");
    Cli few = run("--split 10/45/45 --data csv:" + small);
    assertEquals(65, few.exitCode(), few.err());
    assertTrue(few.err().contains("at least one for training, got none"), few.err());
    Cli missing =
        run("--data csv:%s --test-data csv:%s".formatted(table, folder.resolve("none.csv")));
    assertEquals(66, missing.exitCode(), missing.err());
  }

  @Test
  void idxFilesWithATestPartKeepIt() throws IOException {
    Path both = folder.resolve("both");
    TestIdx.write(both, "train", 200, 2);
    TestIdx.write(both, "t10k", 50, 2);
    JsonNode done = events("--data idx:" + both).getLast();
    assertEquals(180, done.get("train_examples").asInt());
    assertEquals(20, done.get("validation_examples").asInt());
    assertEquals(50, done.get("test_examples").asInt());
    assertEquals(
        150, events("--split 75/25/0 --data idx:" + both).getLast().get("train_examples").asInt());
    Path one = TestIdx.write(folder.resolve("one"), "train", 40, 2);
    Path more = TestIdx.write(folder.resolve("more"), "train", 40, 3);
    Path wide = TestIdx.write(folder.resolve("wide"), "train", 40, 2, 5);
    JsonNode given =
        events("--data idx:%s --validation-data idx:%s".formatted(both, one)).getLast();
    assertEquals(200, given.get("train_examples").asInt());
    assertEquals(40, given.get("validation_examples").asInt());
    for (String[] wrong :
        new String[][] {
          {"--split 70/20/10 --data idx:" + both, "expected 0 % for the test part"},
          {"--data idx:%s --test-data idx:%s".formatted(both, one), "has a test part of its own"},
          {"--data idx:%s --test-data idx:%s".formatted(one, both), "one pair of IDX files"},
          {"--data idx:%s --test-data idx:%s".formatted(one, more), "at most 2 classes"},
          {"--data idx:%s --test-data idx:%s".formatted(one, wide), "of shape [4, 4]"},
        }) {
      Cli run = run(wrong[0]);
      assertEquals(2, run.exitCode(), run.err());
      assertTrue(run.err().contains(wrong[1]), run.err());
    }
    Path ofAll = out(2).resolve("model.safetensors");
    for (String[] part : new String[][] {{"", "50"}, {"--part validation", "50"}}) {
      Cli run = Cli.line("evaluate --json --backend cpu %s --model %s".formatted(part[0], ofAll));
      assertEquals(0, run.exitCode(), run.err());
      assertEquals(part[1], JSON.readTree(run.out()).get("examples").toString(), part[0]);
    }
    Path model = out(1).resolve("model.safetensors");
    for (String[] part :
        new String[][] {
          {"", "50"},
          {"--part validation", "20"},
          {"--part train", "180"},
          {"--part all", "250"},
          {"--data idx:" + one, "40"},
          {"--data idx:" + one + " --part test", "4"}
        }) {
      Cli run = Cli.line("evaluate --json --backend cpu %s --model %s".formatted(part[0], model));
      assertEquals(0, run.exitCode(), run.err());
      assertEquals(part[1], JSON.readTree(run.out()).get("examples").toString(), part[0]);
    }
  }

  @Test
  void theRuleOfAModelIsThatOfItsFile() throws IOException {
    Dataset all = Csv.load(table);
    events("--data csv:%s --split 60/20/20 --seed 9".formatted(table));
    Path model = out(1).resolve("model.safetensors");
    Path answers = folder.resolve("answers.csv");
    for (String part : List.of("train", "validation", "test", "all")) {
      Cli run =
          Cli.line(
              "predict --backend cpu --part %s --model %s --out %s"
                  .formatted(part, model, answers));
      assertEquals(0, run.exitCode(), run.err());
      var split = all.split(SplitRule.stratified(0.6, 0.2, 0.2), 9);
      int expected =
          switch (part) {
            case "train" -> split.train().size();
            case "validation" -> split.validation().size();
            case "test" -> split.test().size();
            default -> ROWS;
          };
      assertEquals(expected, Files.readAllLines(answers).size() - 1, part);
    }
  }
}
