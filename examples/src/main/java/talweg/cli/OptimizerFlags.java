package talweg.cli;

import java.util.HashSet;
import java.util.Set;
import picocli.CommandLine.Option;
import talweg.op.NonFinite;
import talweg.optim.Clip;
import talweg.optim.OptimizerOptions;
import talweg.optim.OptimizerSpec;
import talweg.optim.Optimizers;
import talweg.optim.Schedule;

/** The flags that make an optimizer. */
final class OptimizerFlags {
  @Option(
      names = "--optimizer",
      paramLabel = "NAME[:K=V,..]",
      defaultValue = "adamw",
      description = {
        "sgd, adam, adamw, lamb; with settings as in adamw:beta2=0.99,eps=1e-7. Default:"
            + " ${DEFAULT-VALUE}."
      })
  private String optimizer;

  @Option(
      names = "--lr",
      paramLabel = "X",
      description = "Learning rate. Default: 0.003, for sgd 0.05.")
  private Double rate;

  @Option(names = "--momentum", paramLabel = "X", description = "Momentum of sgd. Default: 0.9.")
  private Double momentum;

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      description = "Decay of the weights (adamw, lamb: decoupled; sgd, adam: L2).")
  private Double decay;

  @Option(
      names = "--schedule",
      paramLabel = "NAME[:K=V,..]",
      defaultValue = "cosine",
      description =
          "constant, or cosine:min=X down over the whole training. Default: ${DEFAULT-VALUE}.")
  private String schedule;

  @Option(
      names = "--warmup",
      paramLabel = "STEPS|PCT%",
      description = "Linear warm-up, in steps or as a share of all steps, e.g. 5%%.")
  private String warmup;

  @Option(
      names = "--clip-norm",
      paramLabel = "X",
      description = "Clip gradients to this global norm.")
  private Double clipNorm;

  @Option(
      names = "--clip-value",
      paramLabel = "X",
      description = "Clip each gradient element to +-X.")
  private Double clipValue;

  @Option(
      names = "--accumulate",
      paramLabel = "N",
      defaultValue = "1",
      description = "Average the gradients of N batches into one step. Default: ${DEFAULT-VALUE}.")
  private int accumulate;

  @Option(
      names = "--nonfinite",
      paramLabel = "POLICY",
      defaultValue = "fail",
      description =
          "At a NaN or infinity in a gradient: fail, skip that step, or propagate. Default:"
              + " ${DEFAULT-VALUE}.")
  private NonFinite nonFinite;

  OptimizerOptions options() {
    if (clipNorm != null && clipValue != null) {
      throw new UsageException("--clip-norm and --clip-value: choose one of them");
    }
    requirePositive("--clip-norm", clipNorm);
    requirePositive("--clip-value", clipValue);
    if (accumulate < 1) {
      throw new UsageException("--accumulate: expected at least 1, got " + accumulate);
    }
    Clip clip =
        clipNorm != null
            ? Clip.byGlobalNorm(clipNorm)
            : clipValue != null ? new Clip.ByValue(clipValue) : Clip.none();
    return OptimizerOptions.DEFAULT.clip(clip).nonFinite(nonFinite).accumulate(accumulate);
  }

  /** The optimizer with its schedule over {@code steps} updates. */
  OptimizerSpec spec(long steps) {
    OptimizerSpec spec = chain(Settings.parse("--optimizer", optimizer));
    double base = rate != null ? rate : spec.name().equals("sgd") ? 0.05 : 3e-3;
    if (!(base > 0)) {
      throw new UsageException("--lr: expected a positive number, got " + base);
    }
    return spec.schedule(schedule(base, steps));
  }

  private OptimizerSpec chain(Settings s) {
    if (momentum != null && !s.name().equals("sgd")) {
      throw new UsageException(
          "--momentum belongs to --optimizer sgd; adam and its kin have beta1: adam:beta1=0.95");
    }
    double eps = s.number("eps", 1e-8);
    double beta1 = s.number("beta1", 0.9);
    double beta2 = s.number("beta2", 0.999);
    return switch (s.name()) {
      case "sgd" -> {
        s.requireKnown(Set.of("momentum", "dampening", "nesterov", "weight-decay"));
        double mu = s.number("momentum", momentum != null ? momentum : 0.9);
        yield Optimizers.sgd(
            mu, s.number("dampening", 0), s.number("nesterov", 0) != 0, decay(s, 0));
      }
      case "adam" -> {
        s.requireKnown(withAdam("amsgrad"));
        yield Optimizers.adam(beta1, beta2, eps, decay(s, 0), s.number("amsgrad", 0) != 0);
      }
      case "adamw" -> {
        s.requireKnown(withAdam("amsgrad"));
        yield Optimizers.adamW(beta1, beta2, eps, decay(s, 1e-2), s.number("amsgrad", 0) != 0);
      }
      case "lamb" -> {
        s.requireKnown(withAdam());
        yield Optimizers.lamb(beta1, beta2, s.number("eps", 1e-6), decay(s, 1e-2));
      }
      default ->
          throw new UsageException(
              "--optimizer: \"%s\" is not known; expected one of: sgd, adam, adamw, lamb"
                  .formatted(s.name()));
    };
  }

  private double decay(Settings settings, double otherwise) {
    double value = settings.number("weight-decay", decay != null ? decay : otherwise);
    if (!(value >= 0)) {
      throw new UsageException("--weight-decay: expected a number >= 0, got " + value);
    }
    return value;
  }

  private static Set<String> withAdam(String... more) {
    Set<String> known = new HashSet<>(Set.of("beta1", "beta2", "eps", "weight-decay"));
    known.addAll(Set.of(more));
    return known;
  }

  private Schedule schedule(double base, long steps) {
    Settings s = Settings.parse("--schedule", schedule);
    long warm = warmupSteps(steps);
    long rest = Math.max(1, steps - warm);
    Schedule main =
        switch (s.name()) {
          case "constant" -> {
            s.requireKnown(Set.of());
            yield new Schedule.Constant(base);
          }
          case "cosine" -> {
            s.requireKnown(Set.of("min"));
            yield new Schedule.Cosine(base, rest, s.number("min", 0));
          }
          default ->
              throw new UsageException(
                  "--schedule: \"%s\" is not known; expected one of: constant, cosine"
                      .formatted(s.name()));
        };
    return warm == 0 ? main : new Schedule.Warmup(warm, main);
  }

  private long warmupSteps(long steps) {
    if (warmup == null) {
      return 0;
    }
    try {
      boolean percent = warmup.endsWith("%");
      double number =
          Double.parseDouble(percent ? warmup.substring(0, warmup.length() - 1) : warmup);
      if (number >= 0 && (!percent || number <= 100)) {
        return Math.round(percent ? number / 100 * steps : number);
      }
    } catch (NumberFormatException e) {
      // Reported below, with what was expected.
    }
    throw new UsageException(
        "--warmup: expected a number of steps or a percentage such as 5%, got " + warmup);
  }

  private static void requirePositive(String flag, Double value) {
    if (value != null && !(value > 0)) {
      throw new UsageException("%s: expected a positive number, got %s".formatted(flag, value));
    }
  }
}
