package talweg.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import talweg.data.Dataset;
import talweg.data.LeftOut;
import talweg.nn.Module;
import talweg.session.Session;
import talweg.train.ConfusionMatrix;
import talweg.train.Evaluation;
import talweg.train.ModelCard;
import talweg.train.ModelFile;
import talweg.train.Objective;
import talweg.train.Predictions;

/** {@code talweg evaluate}: how good a model is, and whether it is good enough. */
@Command(
    name = "evaluate",
    description =
        "Measures a trained model on data; exits with 1 if it misses a bound or does not beat"
            + " another model.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class EvaluateCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      paramLabel = "FILE",
      required = true,
      description = "A trained model: model.safetensors, or the folder of its run.")
  private Path file;

  @Mixin private ModelData data;
  @Mixin private DeviceFlags device;

  @Option(
      names = "--at-least",
      paramLabel = "METRIC=X[,..]",
      split = ",",
      hideParamSyntax = true,
      description = "Fail where a metric is below X, e.g. accuracy=0.97,macro_f1=0.9.")
  private Map<Metric, Double> least = new LinkedHashMap<>();

  @Option(
      names = "--at-most",
      paramLabel = "METRIC=X[,..]",
      split = ",",
      hideParamSyntax = true,
      description = "Fail where a metric is above X, e.g. loss=0.1.")
  private Map<Metric, Double> most = new LinkedHashMap<>();

  @Option(
      names = "--better-than",
      paramLabel = "FILE",
      description =
          "Fail unless the model is better than this one (a file or a run's folder) on the same"
              + " data.")
  private Path other;

  @Option(
      names = "--metric",
      paramLabel = "METRIC",
      description = "What --better-than compares. Default: accuracy, or mse for numbers.")
  private Metric metric;

  @Option(names = "--json", description = "JSON on standard output, text on standard error.")
  private boolean json;

  @Spec private CommandSpec command;

  /** What a model scores. */
  private record Result(
      ModelFile model, Dataset data, Map<Metric, Double> scores, ConfusionMatrix matrix) {}

  @Override
  public Integer call() {
    Console console = new Console(json);
    ModelFile model = ModelFile.read(RunFolder.model(file));
    Metric compared =
        metric != null ? metric : model.card().isClassification() ? Metric.ACCURACY : Metric.MSE;
    ModelFile rival = other == null ? null : ModelFile.read(RunFolder.model(other));
    try (Session session = device.open()) {
      ModelCard own = model.card();
      Result result = measure(session, model, own);
      requireKnown(result);
      Gate gate = new Gate(result.scores);
      least.forEach(gate::atLeast);
      most.forEach(gate::atMost);
      EvaluateReport report = new EvaluateReport(console, session);
      LeftOut leftOut = data.leftOut(model, own, true);
      report.start(model, result.data, data.describe(own), leftOut);
      if (rival != null) {
        boolean sameParts =
            rival.card().seed() == own.seed() && rival.card().parts().equals(own.parts());
        if (!sameParts && data.isOfTraining()) {
          console.line(
              "note: %s was trained on other parts of its data (seed %d, split %s): some of these examples may have been in its training"
                  .formatted(other, rival.card().seed(), rival.card().parts().rule()));
        }
        Result its = measure(session, rival, own);
        gate.betterThan(other.toString(), compared, its.scores);
      }
      report.show(result.model, result.data, leftOut, result.scores, result.matrix, gate);
      gate.failures()
          .forEach(line -> command.commandLine().getErr().println("talweg evaluate: " + line));
      return gate.failures().isEmpty() ? ExitCode.DONE : ExitCode.FAILED;
    }
  }

  private Result measure(Session session, ModelFile model, ModelCard own) {
    Dataset examples = data.load(model, own);
    Module network = model.open(session);
    Evaluation evaluation =
        Evaluation.of(network, Objective.named(model.card().objective()), examples);
    Predictions predictions = Predictions.of(network, examples);
    if (model.card().isClassification()) {
      ConfusionMatrix matrix = ConfusionMatrix.of(examples, predictions);
      return new Result(model, examples, Metric.of(evaluation, matrix), matrix);
    }
    return new Result(
        model,
        examples,
        Metric.of(
            evaluation, examples, predictions, DataFlags.targets(model.card().preprocessing())),
        null);
  }

  /** A bound on a figure that the model does not have must not pass silently. */
  private void requireKnown(Result result) {
    List<Metric> asked = new ArrayList<>(least.keySet());
    asked.addAll(most.keySet());
    if (metric != null) {
      asked.add(metric);
    }
    for (Metric wanted : asked) {
      if (!result.scores.containsKey(wanted)) {
        throw new UsageException(
            "%s is not a metric of this model; expected one of: %s"
                .formatted(
                    wanted.label(),
                    result.scores.keySet().stream()
                        .map(Metric::label)
                        .collect(Collectors.joining(", "))));
      }
    }
  }
}
