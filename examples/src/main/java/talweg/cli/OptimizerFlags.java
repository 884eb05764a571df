package talweg.cli;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import talweg.op.NonFinite;
import talweg.optim.Clip;
import talweg.optim.OptimizerOptions;
import talweg.optim.OptimizerSpec;
import talweg.optim.Optimizers;
import talweg.train.Evaluation;
import talweg.train.Objective;

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

  @Mixin private ScheduleFlags schedule;

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
      names = "--clip-tensor-norm",
      paramLabel = "X",
      description = "Clip the gradient of each parameter to this norm.")
  private Double clipTensorNorm;

  @Option(
      names = "--clip-agc",
      paramLabel = "X",
      description =
          "Adaptive clipping: bound the gradient's norm of each unit (row, filter, bias) by X times"
              + " that of its weights, e.g. 0.01.")
  private Double clipAgc;

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
    if (accumulate < 1) {
      throw new UsageException("--accumulate: expected at least 1, got " + accumulate);
    }
    return OptimizerOptions.DEFAULT.clip(clip()).nonFinite(nonFinite).accumulate(accumulate);
  }

  private Clip clip() {
    List<Bound> given =
        Stream.of(
                new Bound("--clip-norm", clipNorm, Clip::byGlobalNorm),
                new Bound("--clip-value", clipValue, Clip.ByValue::new),
                new Bound("--clip-tensor-norm", clipTensorNorm, Clip::byTensorNorm),
                new Bound("--clip-agc", clipAgc, Clip::adaptive))
            .filter(bound -> bound.value != null)
            .toList();
    if (given.size() > 1) {
      String flags = given.stream().map(Bound::flag).collect(Collectors.joining(" and "));
      throw new UsageException(flags + ": choose one of them");
    }
    return given.isEmpty() ? Clip.none() : given.getFirst().clip();
  }

  /** A flag for clipping, its value or null, and what it makes. */
  private record Bound(String flag, Double value, DoubleFunction<Clip> make) {
    Clip clip() {
      if (!(value > 0)) {
        throw new UsageException("%s: expected a positive number, got %s".formatted(flag, value));
      }
      return make.apply(value);
    }
  }

  /** What is reported to the schedule after an epoch. */
  ToDoubleFunction<Evaluation> metric(Objective objective) {
    return schedule.metric(objective);
  }

  /** The optimizer with its schedule over {@code steps} updates. */
  OptimizerSpec spec(long steps, long stepsPerEpoch) {
    OptimizerSpec spec = chain(Settings.parse("--optimizer", optimizer));
    double base = rate != null ? rate : spec.name().equals("sgd") ? 0.05 : 3e-3;
    if (!(base > 0)) {
      throw new UsageException("--lr: expected a positive number, got " + base);
    }
    return spec.schedule(schedule.schedule(base, steps, stepsPerEpoch));
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
}
