package talweg.cli;

import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import talweg.optim.Schedule;
import talweg.optim.schedule.ScheduleDefaults;
import talweg.optim.schedule.ScheduleKind;
import talweg.optim.schedule.Schedules;

/** {@code talweg schedule}: what a learning-rate schedule looks like, before it is trained with. */
@Command(
    name = "schedule",
    description = "Shows the learning rates of a schedule; without one, lists the schedules.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class ScheduleCommand implements Callable<Integer> {
  private static final int ROWS = 10;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "SPEC",
      description =
          "As for train --schedule, e.g. cosine:min=1e-5 or \"warmup:steps=5%%(cosine)\".")
  private String spec;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Steps of the training. Default: ${DEFAULT-VALUE}.")
  private int steps;

  @Option(
      names = "--steps-per-epoch",
      paramLabel = "N",
      defaultValue = "1",
      description = "For schedules that count epochs. Default: ${DEFAULT-VALUE}.")
  private int stepsPerEpoch;

  @Option(
      names = "--lr",
      paramLabel = "X",
      defaultValue = "0.003",
      description = "Learning rate. Default: ${DEFAULT-VALUE}.")
  private double rate;

  @Option(names = "--warmup", paramLabel = "STEPS|PCT%", description = "As for train.")
  private String warmup;

  @Option(names = "--csv", description = "Every step as a line \"step,rate\", and nothing else.")
  private boolean csv;

  @Override
  public Integer call() {
    requireSensible();
    Console console = new Console(false);
    if (spec == null) {
      list(console);
      return ExitCode.DONE;
    }
    ScheduleDefaults run = new ScheduleDefaults(rate, steps, stepsPerEpoch);
    Schedule schedule = ScheduleFlags.schedule("SPEC", spec, warmup, run);
    double[] rates = schedule.rates(steps);
    if (csv) {
      csv(console, rates);
    } else {
      show(console, schedule, rates);
    }
    return ExitCode.DONE;
  }

  private static void list(Console console) {
    for (ScheduleKind kind : ScheduleKind.values()) {
      console.line("%s %s".formatted(console.bold("%-16s".formatted(kind.text())), kind.meaning()));
      if (!kind.settings().isEmpty()) {
        console.line(console.dim("                 " + kind.settings()));
      }
    }
    console.line("");
    console.line(
        "Settings follow a colon, as in cosine:min=1e-5. base and max are --lr and total is");
    console.line(
        "the length of the training, unless they are given. Lengths are steps, 10epochs, or");
    console.line(
        "5% of all steps; the periods of step, multistep, exponential and cosine-restarts");
    console.line("are epochs, unless they are written as 100steps.");
  }

  private static void csv(Console console, double[] rates) {
    console.line("step,rate");
    for (int step = 0; step < rates.length; step++) {
      console.line(step + "," + rates[step]);
    }
  }

  private static void show(Console console, Schedule schedule, double[] rates) {
    console.line(console.bold(Schedules.format(schedule)));
    if (!schedule.equals(schedule.after(Double.NaN))) {
      console.line("depends on the metric of each epoch: these are the rates if none is reported");
    }
    console.line("");
    RatePlot.lines(rates).forEach(console::line);
    console.line("");
    console.line("%12s  %s".formatted("step", "rate"));
    int rows = Math.min(rates.length - 1, ROWS);
    for (int row = 0; row <= rows; row++) {
      int step = rows == 0 ? 0 : (int) ((rates.length - 1L) * row / rows);
      console.line(String.format(Locale.ROOT, "%12d  %.6g", step, rates[step]));
    }
  }

  private void requireSensible() {
    requireAtLeastOne("--steps", steps);
    requireAtLeastOne("--steps-per-epoch", stepsPerEpoch);
    if (!(rate > 0 && rate < Double.POSITIVE_INFINITY)) {
      throw new UsageException("--lr: expected a positive number, got " + rate);
    }
  }

  private static void requireAtLeastOne(String flag, int value) {
    if (value < 1) {
      throw new UsageException("%s: expected at least 1, got %d".formatted(flag, value));
    }
  }
}
