package talweg.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;
import talweg.train.Cadence;
import talweg.train.CheckpointFolder;
import talweg.train.Trainer;

/** The flags for saving a training, going on with it, and ending it early. */
final class CheckpointFlags {
  static final String RESUME = "--resume";

  private static final Pattern CADENCE =
      Pattern.compile("([1-9]\\d{0,8})\\s*(steps?|epochs?|s|min|h)?");

  @Option(
      names = RESUME,
      paramLabel = "DIR",
      description =
          "Go on with the run in that folder, bit for bit. It keeps its flags; only --epochs,"
              + " --out, --keep and --backend may be given anew.")
  private Path resume;

  @Option(
      names = "--keep",
      paramLabel = "N",
      defaultValue = "3",
      description = "Newest checkpoints to keep. Default: ${DEFAULT-VALUE}.")
  private int keep;

  @Option(
      names = "--checkpoint-every",
      paramLabel = "N[UNIT]",
      defaultValue = "1min",
      description =
          "Save a checkpoint this often, beside at the end: N steps, Nepochs, Ns, Nmin or Nh."
              + " Default: ${DEFAULT-VALUE}.")
  private String every;

  @Option(
      names = "--early-stop",
      paramLabel = "N",
      description =
          "End when what --monitor names has not improved on the validation part for N epochs, and"
              + " keep the weights of the best one.")
  private Integer earlyStop;

  /** The run to go on with, or null. */
  Path resume() {
    return resume;
  }

  /** Reports wrong values before anything else happens. */
  void requireSensible() {
    cadence();
    if (keep < 1) {
      throw new UsageException("--keep: expected at least 1, got " + keep);
    }
    if (earlyStop != null && earlyStop < 1) {
      throw new UsageException("--early-stop: expected at least 1 epoch, got " + earlyStop);
    }
  }

  /** Where a run's checkpoints are. */
  CheckpointFolder in(Path run) {
    return new CheckpointFolder(run.resolve("checkpoint"), keep);
  }

  /** Sets a trainer up. */
  void apply(Trainer trainer, Path run, Configuration configuration) {
    trainer.saveTo(in(run), cadence(), configuration.flags());
    if (earlyStop != null) {
      trainer.earlyStop(earlyStop);
    }
  }

  private Cadence cadence() {
    Matcher parts = CADENCE.matcher(every.strip().toLowerCase(Locale.ROOT));
    if (!parts.matches()) {
      throw new UsageException(
          "--checkpoint-every: expected N steps, Nepochs, Ns, Nmin or Nh, such as 500, 2epochs or"
              + " 10min, got \""
              + every
              + "\"");
    }
    int n = Integer.parseInt(parts.group(1));
    String unit = parts.group(2) == null ? "steps" : parts.group(2);
    return switch (unit) {
      case "s" -> Cadence.every(Duration.ofSeconds(n));
      case "min" -> Cadence.every(Duration.ofMinutes(n));
      case "h" -> Cadence.every(Duration.ofHours(n));
      case "epoch", "epochs" -> Cadence.everyEpochs(n);
      default -> Cadence.everySteps(n);
    };
  }
}
