package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import talweg.optim.Schedule;
import talweg.optim.schedule.ScheduleKind;

class ScheduleCommandTest {
  @Test
  void theTableHasEveryStep() {
    Cli run = Cli.run("schedule", "cosine:min=0.01", "--lr", 0.1, "--steps", 7, "--csv");
    assertEquals(0, run.exitCode(), run.err());
    List<String> lines = run.outLines();
    assertEquals(8, lines.size());
    assertEquals("step,rate", lines.getFirst());
    double[] rates = new Schedule.Cosine(0.1, 7, 0.01).rates(7);
    for (int step = 0; step < 7; step++) {
      assertEquals(step + "," + rates[step], lines.get(step + 1));
    }
  }

  @Test
  void thePlotGoesFromZeroToTheLargestRate() {
    Cli run = Cli.run("schedule", "linear", "--lr", 0.25, "--steps", 64);
    assertEquals(0, run.exitCode(), run.err());
    List<String> lines = run.outLines();
    assertEquals("linear:base=0.25,start=1,end=0,total=64", lines.getFirst());
    List<String> plot = lines.subList(2, 14);
    assertTrue(plot.getFirst().contains("0.2500 │█"), run.out());
    // A falling line: each row is longer than the one above it.
    for (int row = 1; row < 10; row++) {
      assertTrue(plot.get(row).length() > plot.get(row - 1).length(), run.out());
    }
    assertTrue(plot.get(10).contains("0 └" + "─".repeat(64)), run.out());
    assertTrue(plot.get(11).endsWith("63"), run.out());
    assertTrue(lines.contains("           0  0.250000"), run.out());
    assertTrue(lines.contains("          63  0.00390625"), run.out());
  }

  @Test
  void epochsAndWarmUpCount() {
    Cli run =
        Cli.run(
            "schedule",
            "step:every=2",
            "--steps",
            100,
            "--steps-per-epoch",
            20,
            "--warmup",
            "10%",
            "--lr",
            1);
    assertEquals(0, run.exitCode(), run.err());
    assertEquals(
        "warmup:steps=10(step:base=1,factor=0.1,every=40steps)", run.outLines().getFirst());
  }

  @Test
  void oneStepAndOnlyZerosCanBeShown() {
    assertEquals(0, Cli.run("schedule", "one-cycle", "--steps", 1).exitCode());
    Cli zeros = Cli.run("schedule", "constant:base=0", "--steps", 3);
    assertEquals(0, zeros.exitCode(), zeros.err());
    assertTrue(zeros.out().contains("           2  0.00000"), zeros.out());
  }

  @Test
  void plateausAreExplained() {
    Cli run = Cli.run("schedule", "plateau:patience=2");
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(run.out().contains("if none is reported"), run.out());
    Cli cosine = Cli.run("schedule", "cosine");
    assertTrue(!cosine.out().contains("if none is reported"), cosine.out());
  }

  @Test
  void allSchedulesAreListed() {
    Cli run = Cli.run("schedule");
    assertEquals(0, run.exitCode(), run.err());
    for (ScheduleKind kind : ScheduleKind.values()) {
      assertTrue(run.outLines().stream().anyMatch(l -> l.startsWith(kind.text() + " ")), run.out());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sinus                 | expected one of: constant",
        "cosine:mni=1          | expected base, total, min",
        "cosine --steps 0      | --steps",
        "cosine --lr -1        | --lr",
        "cosine --warmup soon  | --warmup",
        "step:every=1 --steps-per-epoch 0 | --steps-per-epoch",
      })
  void wrongUsageIsExplained(String arguments, String expected) {
    Cli run = Cli.run((Object[]) ("schedule " + arguments).strip().split(" +"));
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.err().contains(expected), run.err());
    assertEquals("", run.out());
  }
}
