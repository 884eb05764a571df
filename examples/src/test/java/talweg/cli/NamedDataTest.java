package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Data that are named are answered whole, whatever they are called, and nothing is lost quietly.
 */
class NamedDataTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String TRAIN =
      "train --backend cpu --no-plots --epochs 2 --hidden 4 --batch 8 --out ";

  @TempDir Path folder;

  private Cli train(String flags) {
    return Cli.line(TRAIN + folder.resolve("run") + " " + flags);
  }

  private Cli trained(String flags) {
    Cli run = train(flags);
    assertEquals(0, run.exitCode(), run.err());
    return run;
  }

  private Cli ask(String command, String flags) {
    return Cli.line(
        "%s --backend cpu --model %s %s"
            .formatted(command, folder.resolve("run/model.safetensors"), flags));
  }

  private Path table(String name, String header, int n, String... ends) throws IOException {
    return Files.writeString(
        folder.resolve(name),
        IntStream.range(0, n)
            .mapToObj(i -> i % 7 + "," + i + "," + ends[i % ends.length] + "\n")
            .collect(Collectors.joining("", header + "\n", "")));
  }

  private static List<String> names(Cli predicted) {
    assertEquals(0, predicted.exitCode(), predicted.err());
    return predicted.outLines().stream().skip(1).map(line -> line.split(",")[0]).toList();
  }

  // ---- which rows

  @Test
  void theTrainingTableIsAnsweredRowByRowHoweverItIsSpelled() throws IOException {
    Path table = table("t.csv", "a,b,kind", 20, "u", "v");
    trained("--data csv:" + table);
    List<String> all = IntStream.range(2, 22).mapToObj(line -> "line " + line).toList();
    for (String path :
        List.of(
            table.toString(),
            folder + "/./t.csv",
            folder + "/../" + folder.getFileName() + "/t.csv")) {
      assertEquals(all, names(ask("predict", "--data csv:" + path)));
      JsonNode scores = JSON.readTree(ask("evaluate", "--json --data csv:" + path).out());
      assertEquals(20, scores.get("examples").asInt());
    }
    assertEquals(4, names(ask("predict", "")).size());
    assertEquals(4, names(ask("predict", "--part test --data csv:" + table)).size());
    // Another table in the place of the first one, of one row and without a target.
    Files.writeString(table, "b,a\n3,1\n");
    assertEquals(List.of("line 2"), names(ask("predict", "--data csv:" + table)));
    Cli scores = ask("evaluate", "--data csv:" + table);
    assertEquals(65, scores.exitCode());
    assertTrue(scores.err().contains("no column \"kind\""), scores.err());
  }

  @Test
  void idxFilesAndDigitsAreAnsweredWhole() throws IOException {
    TestIdx.write(folder.resolve("idx"), "train", 40, 2);
    TestIdx.write(folder.resolve("idx"), "test", 10, 2);
    String data = "--data idx:" + folder.resolve("idx");
    Cli run = trained("--json " + data);
    assertEquals(10, JSON.readTree(run.outLines().getLast()).get("test_examples").asInt());
    assertEquals(50, names(ask("predict", data)).size());
    assertEquals(10, names(ask("predict", "")).size());
    assertEquals(4, names(ask("predict", data + " --part validation")).size());
  }

  @Test
  void aPartFromElsewhereIsNotThatOfTheNamedData() throws IOException {
    Path table = table("t.csv", "a,b,kind", 40, "u", "v");
    Path test = table("u.csv", "a,b,kind", 9, "u", "v");
    trained("--data csv:%s --test-data csv:%s".formatted(table, test));
    assertEquals(9, names(ask("predict", "")).size());
    Cli mixed = ask("predict", "--part test --data csv:" + table);
    assertEquals(2, mixed.exitCode(), mixed.err());
    assertTrue(mixed.err().contains("from csv:" + test), mixed.err());
  }

  // ---- what is left out

  @Test
  void rowsThatAreLeftOutAreCountedEverywhere() throws IOException {
    Path table = table("t.csv", "a,b,y", 40, "1.5", "", "2.5", "3");
    Cli run = trained("--missing drop --json --data csv:" + table);
    String notice = "10 of 40 rows left out, as they lack a value (lines 3, 7, 11, 15, 19, ...)";
    assertTrue(run.err().contains("csv:%s: %s".formatted(table, notice)), run.err());
    assertEquals(10, JSON.readTree(run.outLines().getLast()).get("rows_left_out").asInt());
    Cli scores = ask("evaluate", "--json --data csv:" + table);
    assertTrue(scores.err().contains(notice), scores.err());
    assertEquals(10, JSON.readTree(scores.out()).get("rows_left_out").asInt());
    // The target is what is asked for: nothing is missing.
    Cli predicted = ask("predict", "--data csv:" + table);
    assertEquals(40, names(predicted).size());
    assertEquals("", predicted.err());
    Path gaps = Files.writeString(folder.resolve("g.csv"), "a,b\n1,2\n,3\n4,NA\n5,6\n");
    predicted = ask("predict", "--data csv:" + gaps);
    assertEquals(List.of("line 2", "line 5"), names(predicted));
    assertTrue(
        predicted.err().contains("2 of 4 rows left out, as they lack a value (lines 3, 4)"),
        predicted.err());
  }

  @Test
  void columnsAreIgnoredInTrainingAndLater() throws IOException {
    Path table = table("t.csv", "key,b,kind", 200, "u", "v");
    trained("--ignore key --data csv:" + table);
    Path less = Files.writeString(folder.resolve("l.csv"), "b\n3\n");
    Path more = Files.writeString(folder.resolve("m.csv"), "kind,key,b\n,x,3\n");
    String answer = ask("predict", "--probabilities --data csv:" + less).out();
    assertEquals(answer, ask("predict", "--probabilities --data csv:" + more).out());
  }

  // ---- digits

  @ParameterizedTest
  @ValueSource(strings = {"feature", "target"})
  void secondsSince1970KeepTheirDigits(String which) throws IOException {
    boolean feature = which.equals("feature");
    String rows =
        IntStream.range(0, 200)
            .map(i -> i * 77 % 200)
            .mapToObj(i ->
                feature ? 1_700_000_000 + i + "," + (3 * i + 0.5) : i + "," + (1_700_000_000 + i))
            .collect(Collectors.joining("\n", "t,y\n", "\n"));
    Path table = Files.writeString(folder.resolve("t.csv"), rows);
    Cli run =
        Cli.line(
            "train --backend cpu --no-plots --hidden 0 --optimizer lbfgs --epochs 30 --data csv:%s --out %s"
                .formatted(table, folder.resolve("run")));
    assertEquals(0, run.exitCode(), run.err());
    JsonNode scores = JSON.readTree(ask("evaluate", "--json --part all").out());
    assertEquals(1, scores.get("r2").asDouble(), 1e-6);
    // The error is that of the numbers that predict writes.
    List<String> predicted = ask("predict", "--data csv:" + table).outLines();
    List<String> actual = rows.lines().toList();
    double squares = 0;
    for (int i = 1; i < actual.size(); i++) {
      double y = Double.parseDouble(actual.get(i).split(",")[1]);
      double error = Double.parseDouble(predicted.get(i).split(",")[1]) - y;
      squares += error * error / 200;
    }
    assertEquals(scores.get("rmse").asDouble(), Math.sqrt(squares), 1e-5);
    assertTrue(Math.sqrt(squares) < 0.01, predicted.get(1));
  }

  @Test
  void predictedNumbersHaveTheDigitsThatTheModelKnows() {
    assertEquals("1700000185.00012207", PredictCommand.number(1700000185.0001220703125, 0.9));
    assertEquals("1700000185", PredictCommand.number(1700000185.0000004, 58));
    assertEquals("19863123.5", PredictCommand.number(19863123.46, 5e6));
    assertEquals("0", PredictCommand.number(1e-9, 1));
    assertEquals("-0.123456789", PredictCommand.number(-0.123456789, 0.1));
    assertEquals("1.5E+30", PredictCommand.number(1.5e30, 1e30));
    assertEquals("1.5E-30", PredictCommand.number(1.5e-30, 1e-30));
    assertEquals("NaN", PredictCommand.number(Double.NaN, 1));
  }

  // ---- classes

  @Test
  void classesAreCountedBeforeTheTraining() throws IOException {
    Cli run = trained("--data csv:" + table("t.csv", "a,b,kind", 100, "u", "u", "u", "v"));
    assertTrue(run.out().contains("classes of training    u: 55, v: 17"), run.out());
    assertTrue(run.out().contains("classes of validation  u: 6, v: 2"), run.out());
    assertTrue(run.out().contains("classes of test        u: "), run.out());
    assertFalse(run.out().contains("warning"), run.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 | all training examples are of class 0: an accuracy of 1 means nothing",
        "1 | no example of class 1",
      })
  void oneClassIsTold(int classes, String warning) throws IOException {
    TestIdx.write(folder.resolve("idx"), "train", 40, classes);
    Cli run = trained("--data idx:" + folder.resolve("idx"));
    assertTrue(run.out().contains("warning: " + warning), run.out());
    assertTrue(
        ask("evaluate", "").out().contains("all evaluated examples are of class 0"), warning);
  }

  @Test
  void aClassThatAPartLacksIsTold() throws IOException {
    TestIdx.write(folder.resolve("idx"), "train", 40, 3);
    TestIdx.write(folder.resolve("idx"), "t10k", 2, 2);
    Cli run = trained("--data idx:" + folder.resolve("idx"));
    assertTrue(
        run.out().contains("warning: the test part has no example of class 2; the figures"),
        run.out());
    assertEquals(1, run.out().lines().filter(l -> l.contains("warning")).count(), run.out());
  }

  @Test
  void manyClassesTakeAFewLines() throws IOException {
    TestIdx.write(folder.resolve("idx"), "train", 900, 100);
    Cli run = trained("--data idx:" + folder.resolve("idx"));
    assertTrue(
        run.out().contains("classes of training    7 to 8 examples each (fewest"), run.out());
    assertTrue(run.out().lines().filter(l -> l.contains("class")).count() <= 8, run.out());
    assertTrue(run.out().lines().allMatch(l -> l.length() < 250), run.out());
  }

  // ---- advice

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'x;y\n1;2,5\n2;3,5\n3;4,5\n' | '' | --delimiter \";\"",
        "'\"x\";\"y\"\n1;\"a\"\n2;\"b\"\n' | '' | --delimiter \";\"",
        "'x;y\n1;2,5\n2;3,5\n3;4,5\n' | --delimiter ; | --numbers comma",
        "'x\ty\n1\t2\n' | '' | --delimiter tab",
        "'x,y\n1,\"$1,200.50\"\n2,$2\n3,$3\n' | '' | --numbers point",
        "'x,y\nN/A,1.5\nN/A,2\n3,4\n' | --unknown zeros --missing mean | --missing-values N/A",
        "'x,y\n,1.5\n3,4\n' | '' | --missing mean",
        "'x,y\n1,1.5\n3,\n' | --missing mean | --missing drop",
        "'x,z,y\n1,,1.5\n3,,4\n' | --missing mean | --ignore z",
        "'x,y\n1,1.5\nred,2\n3,4\n' | '' | --categorical x",
        "'x,y\n1,k1\n2,k2\n3,k3\n4,k4\n5,k5\n' | '' | --target",
        "'a,y\nb,1\nc,2.5\nd,3\ne,4\nf,5\ng,6\n' | --max-categories 1 | --max-categories 3",
      })
  void adviceNamesFlags(String text, String flags, String advice) throws IOException {
    Path table = Files.writeString(folder.resolve("t.csv"), text);
    Cli run = train(flags + " --data csv:" + table);
    assertEquals(65, run.exitCode(), run.err());
    assertTrue(run.err().contains(advice), run.err());
    assertFalse(run.err().contains("Options"), run.err());
    assertFalse(Files.exists(folder.resolve("run")), "a folder of a run that was not");
  }

  @Test
  void allFlagsOfAdviceExist() {
    String help = Cli.line("train --help").out();
    Advice.FLAGS.values().forEach(flag -> assertTrue(help.contains(flag + "="), flag));
    assertEquals(
        "use --ignore \"a b\" or --ignore a,b, --delimiter tab, --missing",
        Advice.flags(
            "use CsvOptions.ignored(\"a b\") or CsvOptions.ignored(\"a,b\"),"
                + " CsvOptions.delimiter('\\t'), CsvOptions.missing"));
  }
}
