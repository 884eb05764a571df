package talweg.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Option;
import talweg.nn.Module;
import talweg.op.NonFinite;
import talweg.optim.Clip;
import talweg.optim.OptimizerOptions;
import talweg.optim.OptimizerSpec;
import talweg.optim.ParameterGroup;
import talweg.optim.Schedule;

/** The flags that make an optimizer. */
final class OptimizerFlags {
  @Option(
      names = "--optimizer",
      paramLabel = "NAME[:K=V,..]",
      defaultValue = "adamw",
      description = {
        "sgd, adam, adamw, lamb, lamb-nvidia, rmsprop, adagrad, adadelta, nadam, radam, lion,"
            + " muon, or lbfgs (on all examples at once); with settings as in"
            + " adamw:beta2=0.99,eps=1e-7. Default: ${DEFAULT-VALUE}."
      })
  private String optimizer;

  @Option(
      names = "--lr",
      paramLabel = "X",
      description = "Learning rate. Default: by the optimizer, e.g. 0.003 for adamw.")
  private Double rate;

  @Option(
      names = "--momentum",
      paramLabel = "X",
      description = "Momentum of sgd (default: 0.9), rmsprop or muon.")
  private Double momentum;

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      description = "Decay of the weights (adamw, lamb, lion, muon: decoupled; others: L2).")
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
    Clip clip = choice().clip();
    if (clipNorm != null || clipValue != null) {
      if (!clip.equals(Clip.none())) {
        throw new UsageException(
            "--clip-norm and --clip-value: this optimizer has a bound of its own; set it by"
                + " --optimizer lamb-nvidia:max-grad-norm=X");
      }
      clip = clipNorm != null ? Clip.byGlobalNorm(clipNorm) : new Clip.ByValue(clipValue);
    }
    return OptimizerOptions.DEFAULT.clip(clip).nonFinite(nonFinite).accumulate(accumulate);
  }

  /** The optimizer with its schedule over {@code steps} updates. */
  OptimizerSpec spec(long steps) {
    OptimizerChoice choice = choice();
    double base = rate != null ? rate : choice.defaultRate();
    if (!(base > 0)) {
      throw new UsageException("--lr: expected a positive number, got " + base);
    }
    return choice.spec().schedule(schedule(base, steps));
  }

  /** The optimizer for all of a model, or where it needs another one beside it, for its parts. */
  List<ParameterGroup> groups(Module model, long steps) {
    return choice().groups(model, spec(steps), base -> schedule(base, steps));
  }

  private OptimizerChoice choice() {
    Map<String, Double> own = new LinkedHashMap<>();
    if (momentum != null) {
      own.put("momentum", momentum);
    }
    if (decay != null) {
      own.put("weight-decay", decay);
    }
    return OptimizerChoice.parse(optimizer, own);
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
