package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.solve.NamedProblem;
import talweg.solve.Problems;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class MinimizeCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @ValueSource(
      strings = {"steepest", "newton", "newton-cg", "lbfgs", "cg", "auglag", "kkt", "auto"})
  void everyMethodFindsTheMinimumOfBooth(String method) {
    JsonNode solution = solution(0, "booth", "--method", method);
    assertTrue(solution.get("converged").booleanValue());
    assertEquals(1, solution.get("point").get(0).doubleValue(), 1e-6);
    assertEquals(3, solution.get("point").get(1).doubleValue(), 1e-6);
  }

  @Test
  void gradientDescentNeedsARateThatIsNotTooLarge() {
    JsonNode solution = solution(0, "booth", "--method", "gd", "--lr", "0.05", "--steps", "2000");
    assertEquals(3, solution.get("point").get(1).doubleValue(), 1e-6);
    Cli diverged = Cli.run("minimize", "booth", "--method", "gd", "--lr", "1");
    assertEquals(1, diverged.exitCode());
    assertTrue(diverged.out().contains("rate 1.0 is too large"), diverged.out());
    assertEquals(
        "iterations",
        solution(1, "booth", "--method", "gd", "--steps", "3").get("reason").stringValue());
  }

  @Test
  void constraintsAreWrittenAsRelations() {
    JsonNode line = solution(0, "x^2 + y^2", "--equality", "x + y = 1");
    assertEquals(0.5, line.get("point").get(0).doubleValue(), 1e-9);
    assertEquals(-1, line.get("equality_multipliers").get(0).doubleValue(), 1e-9);
    JsonNode disc = solution(0, "x + y", "--inequality", "x^2 + y^2 <= 2");
    assertEquals(-1, disc.get("point").get(1).doubleValue(), 1e-9);
    assertEquals(0.5, disc.get("inequality_multipliers").get(0).doubleValue(), 1e-9);
    JsonNode plane = solution(0, "x^2 + y^2", "--inequality", "x >= 3 - y");
    assertEquals(1.5, plane.get("point").get(1).doubleValue(), 1e-9);
    JsonNode box = solution(0, "x + y", "--lower", "2,none", "--equality", "y", "--start", "5,5");
    assertEquals(2, box.get("value").doubleValue(), 1e-9);
    assertEquals(1, box.get("lower_multipliers").get(0).doubleValue(), 1e-9);
  }

  @Test
  void peopleReadTheSameNumbers() {
    Cli run = Cli.run("minimize", "hs021", "--history");
    assertEquals(0, run.exitCode(), run.err());
    for (String part :
        List.of(
            "10*x1 - x2 - 10 >= 0",
            "(2, -50) <= x <= (50, 50)",
            "KKT system, on cpu",
            "converged after",
            "-99.96 (known: -99.96)",
            "lower bounds: (0.04",
            "    0  value")) {
      assertTrue(run.out().contains(part), run.out());
    }
  }

  @Test
  void historyBeginsAtTheStart() {
    List<JsonNode> lines = json(0, "rosenbrock", "--history");
    assertEquals("step", lines.getFirst().get("event").stringValue());
    assertEquals(-1.2, lines.getFirst().get("point").get(0).doubleValue());
    JsonNode end = lines.getLast();
    assertEquals(lines.size() - 2, end.get("iterations").intValue());
    assertEquals(0, end.get("value").doubleValue(), 1e-12);
  }

  @Test
  void randomStartsFindSeveralMinima() {
    List<JsonNode> lines = json(0, "himmelblau", "--starts", "40");
    assertEquals(
        4, lines.stream().filter(l -> l.get("event").stringValue().equals("minimum")).count());
    assertEquals(lines, json(0, "himmelblau", "--starts", "40", "--seed", "42"));
    // Under constraints, too: y^2 + y - 1 on the circle is least at y = -1/2, on both sides.
    List<JsonNode> circle = json(0, "y - x^2", "--equality", "x^2 + y^2 = 1", "--starts", "20");
    assertEquals(-1.25, circle.getLast().get("value").doubleValue(), 1e-9);
  }

  @Test
  void listShowsEveryProblem() {
    Cli list = Cli.run("minimize", "--list");
    assertEquals(0, list.exitCode());
    for (NamedProblem problem : Problems.all()) {
      assertTrue(list.out().contains("\n" + problem.name() + " "), problem.name());
    }
    assertTrue(list.out().contains("Hock & Schittkowski 1981, problem 71"), list.out());
    assertEquals(Problems.all().size(), json(0, "--list").size());
  }

  @Test
  void problemsWithoutASolutionSayWhy() {
    Cli run = Cli.run("minimize", "x^2", "--equality", "x = 1", "--equality", "x = 2");
    assertEquals(1, run.exitCode());
    assertTrue(run.out().contains("cannot be met"), run.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "| formula or the name",
        "foo | \"foo\" is not known",
        "rosenbrock:1 | 2 to 200",
        "beale:3 | has 2 variables",
        "1 + * 2 | at character 5",
        "x^2 --method simplex | \"simplex\" is not known",
        "hs071 --method newton | does not know constraints",
        "x^2 --lr 0.1 | --lr belongs to",
        "x^2 --method gd --lr -1 | --lr: expected a positive",
        "x^2 --steps 0 | --steps",
        "x^2 --tolerance 0 | --tolerance",
        "x*y --start 1 | --start: expected 2 numbers, got 1",
        "x*y --start 1,a | --start: expected numbers",
        "x*y --lower 1,2,3 | --lower: expected 2 numbers",
        "x --lower 2 --upper 1 | lower <= upper",
        "x --equality 1=( | --equality, formula",
        "x^2 --starts 0 | --starts",
        "x^2 --starts 2 --box 1,0 | --box",
        "hs006 --start 1,2,3 | --start: expected 2 numbers, got 3"
      })
  void wrongUsageIsExplained(String arguments, String message) {
    String[] words =
        arguments == null ? new String[0] : arguments.split(" (?=-)|(?<=--\\w{1,20}) ");
    Object[] all = new Object[words.length + 1];
    all[0] = "minimize";
    System.arraycopy(words, 0, all, 1, words.length);
    Cli run = Cli.run(all);
    assertEquals(2, run.exitCode(), run.out() + run.err());
    assertTrue(run.err().contains(message), run.err());
    assertFalse(run.err().contains("Exception"), run.err());
  }

  private static JsonNode solution(int exitCode, Object... arguments) {
    return json(exitCode, arguments).getLast();
  }

  private static List<JsonNode> json(int exitCode, Object... arguments) {
    Object[] all = new Object[arguments.length + 2];
    all[0] = "minimize";
    all[1] = "--json";
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    Cli run = Cli.run(all);
    assertEquals(exitCode, run.exitCode(), run.out() + run.err());
    return run.outLines().stream().map(JSON::readTree).toList();
  }
}
