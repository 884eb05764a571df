package talweg.cli;

import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import picocli.CommandLine.Option;
import talweg.optim.Schedule;
import talweg.optim.schedule.Plateau;
import talweg.optim.schedule.Plateau.Goal;
import talweg.optim.schedule.Product;
import talweg.optim.schedule.ScheduleDefaults;
import talweg.optim.schedule.Schedules;
import talweg.optim.schedule.Sequence;
import talweg.train.Evaluation;
import talweg.train.Objective;

/** The flags that make a learning-rate schedule. */
final class ScheduleFlags {
  /** What a plateau watches. */
  enum Monitor {
    LOSS,
    ACCURACY
  }

  @Option(
      names = "--schedule",
      paramLabel = "NAME[:K=V,..]",
      defaultValue = "cosine",
      description =
          "Learning rate over the training, e.g. constant, cosine:min=1e-5, step:every=10 (epochs),"
              + " plateau:patience=3; 'talweg schedule' lists them. Default: ${DEFAULT-VALUE}.")
  private String schedule;

  @Option(
      names = "--warmup",
      paramLabel = "STEPS|PCT%",
      description = "Linear warm-up, in steps or as a share of all steps, e.g. 5%%.")
  private String warmup;

  @Option(
      names = "--monitor",
      paramLabel = "METRIC",
      defaultValue = "loss",
      description =
          "What --schedule plateau and --early-stop watch: loss, or accuracy (a plateau then needs"
              + " mode=max). Default: ${DEFAULT-VALUE}.")
  private Monitor monitor;

  /** The schedule of a training. */
  Schedule schedule(double base, long steps, long stepsPerEpoch) {
    ScheduleDefaults run = new ScheduleDefaults(base, steps, stepsPerEpoch);
    Schedule made = schedule("--schedule", schedule, warmup, run);
    plateaus(made).forEach(this::requireGoal);
    return made;
  }

  /** A plateau that waits for the wrong direction would lower the rate while all goes well. */
  private void requireGoal(Plateau plateau) {
    if (plateau.goal() != goal()) {
      throw new UsageException(
          "--schedule plateau: expected mode=%s, as --monitor is %s, of which %s is better, got mode=%s"
              .formatted(
                  text(goal()),
                  text(monitor),
                  goal() == Goal.MIN ? "less" : "more",
                  text(plateau.goal())));
    }
  }

  private static String text(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static Stream<Plateau> plateaus(Schedule schedule) {
    return switch (schedule) {
      case Plateau plateau -> Stream.of(plateau);
      case Schedule.Warmup warmup -> plateaus(warmup.then());
      case Sequence sequence -> sequence.schedules().stream().flatMap(ScheduleFlags::plateaus);
      case Product product -> product.schedules().stream().flatMap(ScheduleFlags::plateaus);
      default -> Stream.empty();
    };
  }

  /** What is reported to the schedule after an epoch. */
  ToDoubleFunction<Evaluation> metric(Objective objective) {
    if (monitor == Monitor.ACCURACY && !objective.classification()) {
      throw new UsageException(
          "--monitor accuracy needs classes, but the loss is %s; leave it at loss"
              .formatted(objective.name()));
    }
    return monitor == Monitor.LOSS ? Evaluation::loss : Evaluation::accuracy;
  }

  /** Which values of that are better. */
  Goal goal() {
    return monitor == Monitor.LOSS ? Goal.MIN : Goal.MAX;
  }

  /**
   * The schedule of a text, behind a warm-up where there is one.
   *
   * @param flag for complaints
   * @param warmup its length, or null
   */
  static Schedule schedule(String flag, String text, String warmup, ScheduleDefaults run) {
    long warm = warmup == null ? 0 : warmupSteps(warmup, run);
    try {
      Schedule main = Schedules.parse(text, run.lasting(run.total() - warm));
      return warm == 0 ? main : new Schedule.Warmup(warm, main);
    } catch (IllegalArgumentException e) {
      throw new UsageException(flag + ": " + e.getMessage());
    }
  }

  private static long warmupSteps(String warmup, ScheduleDefaults run) {
    long steps;
    try {
      steps = run.steps(warmup);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--warmup: " + e.getMessage());
    }
    if (warmup.endsWith("%") && steps > run.total()) {
      throw new UsageException("--warmup: expected at most 100%, got " + warmup);
    }
    return steps;
  }
}
