package talweg.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import talweg.nn.Module;
import talweg.op.NonFinite;
import talweg.optim.Clip;
import talweg.optim.OptimizerOptions;
import talweg.optim.OptimizerSpec;
import talweg.optim.ParameterGroup;
import talweg.optim.schedule.Plateau.Goal;
import talweg.train.Evaluation;
import talweg.train.Objective;

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

  /** The bound that a flag asks for, or the optimizer's own. */
  private Clip clip() {
    Clip own = choice().clip();
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
    if (given.isEmpty()) {
      return own;
    }
    if (!own.equals(Clip.none())) {
      throw new UsageException(
          given.getFirst().flag()
              + ": this optimizer has a bound of its own; set it by"
              + " --optimizer lamb-nvidia:max-grad-norm=X");
    }
    return given.getFirst().clip();
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

  /** Which values of that are better. */
  Goal goal() {
    return schedule.goal();
  }

  /** The optimizer with its schedule over {@code steps} updates. */
  OptimizerSpec spec(long steps, long stepsPerEpoch) {
    OptimizerChoice choice = choice();
    double base = rate != null ? rate : choice.defaultRate();
    if (!(base > 0 && base < Double.POSITIVE_INFINITY)) {
      throw new UsageException("--lr: expected a positive number, got " + base);
    }
    return choice.spec().schedule(schedule.schedule(base, steps, stepsPerEpoch));
  }

  /** The optimizer for all of a model, or where it needs another one beside it, for its parts. */
  List<ParameterGroup> groups(Module model, long steps, long stepsPerEpoch) {
    return choice()
        .groups(
            model,
            spec(steps, stepsPerEpoch),
            base -> schedule.schedule(base, steps, stepsPerEpoch));
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
}
