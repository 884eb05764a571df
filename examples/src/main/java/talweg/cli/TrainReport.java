package talweg.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import talweg.data.Dataset;
import talweg.data.LeftOut;
import talweg.nn.Module;
import talweg.report.LossText;
import talweg.session.Session;
import talweg.train.Checkpoint;
import talweg.train.EpochResult;
import talweg.train.Evaluation;
import talweg.train.Phases;
import talweg.train.Progress;
import talweg.train.Trainer;
import talweg.train.Training;
import talweg.train.TrainingListener;
import talweg.train.TrainingResult;

/**
 * What a training shows while it runs: a progress bar and a line per epoch, and the same as JSON.
 */
final class TrainReport implements TrainingListener {
  private final Console console;
  private final Session session;
  private final DataFlags.Loaded data;
  private final Module network;
  private final Training training;
  private final int epochs;
  private final LossText loss;
  private final TrainLines lines;
  private Phases phases;
  private Path checkpoint;

  TrainReport(
      Console console,
      Session session,
      DataFlags.Loaded data,
      Module network,
      Training training,
      int epochs) {
    this.console = console;
    this.session = session;
    this.data = data;
    this.network = network;
    this.training = training;
    this.epochs = epochs;
    List<String> targets = data.train().isClassification() ? List.of() : data.train().targetNames();
    this.loss = LossText.of(training.objective().name(), targets, data.targets());
    this.lines = new TrainLines(console, loss, epochs);
  }

  /** A line about the run as a whole. */
  void notice(String text) {
    console.line(console.dim("         " + text));
  }

  void start(String optimizer, String rate, Path folder) {
    Dataset train = data.train();
    console.line(
        "%s  %s, %s, %d features, %s"
            .formatted(
                console.bold("data   "),
                data.name(),
                data.sizes(),
                train.featureCount(),
                train.isClassification()
                    ? train.numClasses() + " classes"
                    : "target " + String.join(", ", train.targetNames())));
    data.leftOut()
        .forEach((source, rows) ->
            console.line("         notice: %s: %s".formatted(source, DataNotices.leftOut(rows))));
    DataNotices.ofClasses(data.split()).forEach(line -> console.line("         " + line));
    console.line(
        "%s  %s, %,d parameters"
            .formatted(console.bold("network"), network, network.parameterCount()));
    console.line(
        "%s  %s on %s (%s)"
            .formatted(
                console.bold("train  "),
                optimizer,
                session.backend().name(),
                session.backend().device()));
    if (!loss.explanation().isEmpty()) {
      console.line(console.dim("         loss " + loss.explanation()));
    }
    console.line(console.dim("         update " + training.explain()));
    console.line(console.dim("         rate " + rate));
    console.line(console.dim("         memory " + MemoryFlags.describe(session)));
    console.line(console.dim("         writing to " + folder));
    if (!data.split().hasValidation()) {
      console.line(
          "         notice: no validation part; early stopping, plateaus and the best epoch follow"
              + " the training figures");
    }
    if (!data.split().hasTest()) {
      console.line("         notice: no test part; nothing is measured at the end");
    }
  }

  /**
   * Says from where a training continues, and what has changed.
   *
   * @param twoParts whether its test part serves for validation, too
   */
  void resumed(Checkpoint from, boolean twoParts) {
    console.line(
        "%s  after epoch %d, from %s"
            .formatted(console.bold("resume "), from.epochs(), from.file()));
    String backend = session.backend().name();
    if (!from.backend().equals(backend)) {
      console.line(
          "         notice: the run was started on %s; on %s, its numbers may differ in their last bits"
              .formatted(from.backend(), backend));
    }
    if (twoParts) {
      console.line(
          "         notice: the run was started without a validation part; its test part serves for"
              + " both, so that the test figures are not independent");
    }
    String before = from.configuration().get("--epochs");
    if (before != null && !before.equals(Integer.toString(epochs))) {
      console.line(
          "         notice: %s instead of %s; a schedule that depends on their number continues as if the run had been started for that many"
              .formatted(Text.count(epochs, "epoch"), before));
    }
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("event", "resume");
    event.put("epochs", from.epochs());
    event.put("from", from.file().toString());
    console.json(event);
  }

  @Override
  public void onCheckpoint(Path file) {
    checkpoint = file;
  }

  /** After a signal. */
  void stopped(TrainingResult result, Path folder) {
    console.line("");
    console.line(
        "%s after %s, %s; %s"
            .formatted(
                console.red("stopped"),
                Text.count(finished(result), "epoch"),
                Text.count(result.steps(), "step"),
                checkpoint == null
                    ? "the weights so far are in " + folder
                    : "go on with: talweg train --resume " + folder));
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("event", "stopped");
    event.put("epochs", finished(result));
    event.put("steps", result.steps());
    event.put("checkpoint", checkpoint == null ? null : checkpoint.toString());
    event.put("out", folder.toString());
    console.json(event);
  }

  private static int finished(TrainingResult result) {
    return result.last() == null ? 0 : result.last().epoch();
  }

  @Override
  public void onProgress(Progress p) {
    if (console.redraws()) {
      console.progress(lines.progress(p));
    }
  }

  @Override
  public void onPhases(Phases measured) {
    phases = measured;
  }

  @Override
  public void onEpoch(EpochResult r) {
    console.line(lines.epoch(r));
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("event", "epoch");
    event.put("epoch", r.epoch());
    event.put("steps", r.steps());
    put(event, "train", r.train());
    put(event, "val", r.validation());
    event.put("learning_rate", r.learningRate());
    event.put("gradient_norm", r.gradientNorm());
    event.put("gradient_norm_mean", orNull(r.gradientNormMean()));
    event.put("gradient_norm_max", orNull(r.gradientNormMax()));
    event.put("samples_per_s", r.samplesPerSecond());
    if (phases != null) {
      event.put("data_samples_per_s", 1 / phases.data());
      event.put("forward_samples_per_s", 1 / phases.forward());
      event.put("backward_samples_per_s", 1 / phases.backward());
      event.put("optimizer_samples_per_s", 1 / phases.optimizer());
    }
    event.put("seconds", r.seconds());
    console.json(event);
  }

  /**
   * After the last epoch.
   *
   * @param test what the saved weights score on the test part, or null without one
   */
  void done(TrainingResult result, Evaluation test, Path folder, Verdict verdict) {
    EpochResult last = result.last();
    EpochResult kept = result.kept();
    console.line("");
    console.line(
        "%s %s%s after %s, %s, %.1f s of training (%,.0f samples/s)"
            .formatted(
                verdict.isSuccess() ? console.green("done") : console.red("failed"),
                results(kept, test),
                loss.unit(),
                Text.count(last.epoch(), "epoch"),
                Text.count(result.steps(), "step"),
                result.seconds(),
                result.samplesPerSecond()));
    switch (result.ending()) {
      case CONVERGED ->
          console.line("ended before the last epoch: no further step lowers the loss");
      case EARLY ->
          console.line(
              training instanceof Trainer trainer && trainer.best() == null
                  ? "ended early: what is monitored was never a number"
                  : "ended early: no epoch after %d was better".formatted(kept.epoch()));
      case COMPLETED, STOPPED -> {}
    }
    if (kept != last) {
      console.line("the model has the weights of epoch %d, the best".formatted(kept.epoch()));
    }
    if (training instanceof Trainer trainer && !Verdict.skipped(trainer.optimizer()).isEmpty()) {
      console.line("notice: " + Verdict.skipped(trainer.optimizer()));
    }
    if (verdict.usable()) {
      console.line("model in " + folder.resolve("model.safetensors"));
    }
    console.line("report in " + folder.resolve("report.html"));
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("event", "done");
    event.put("backend", session.backend().name());
    event.put("device", session.backend().device());
    event.put("data", data.name());
    event.put("train_examples", data.train().size());
    event.put("validation_examples", data.validationExamples());
    event.put("test_examples", data.testExamples());
    if (!data.leftOut().isEmpty()) {
      event.put("rows_left_out", data.leftOut().values().stream().mapToLong(LeftOut::rows).sum());
    }
    event.put("params", network.parameterCount());
    event.put("epochs", last.epoch());
    event.put("steps", result.steps());
    event.put("kept_epoch", kept.epoch());
    put(event, "train", kept.train());
    put(event, "val", kept.validation());
    put(event, "test", test);
    event.put("samples_per_s", result.samplesPerSecond());
    event.put("seconds", result.seconds());
    event.put("peak_memory_bytes", session.memory().peak());
    event.put("out", folder.toString());
    if (!verdict.isSuccess()) {
      event.put("failures", verdict.problems());
    }
    console.json(event);
  }

  /** JSON has no NaN. */
  private static Double orNull(double value) {
    return Double.isFinite(value) ? value : null;
  }

  /** The figures of the weights that are saved; of the training part where there is no other. */
  private String results(EpochResult kept, Evaluation test) {
    List<String> results = new ArrayList<>();
    if (test != null) {
      results.add(console.bold("test " + loss.of(test)));
    }
    if (kept.validation() != null) {
      results.add("val " + loss.of(kept.validation()));
    }
    return results.isEmpty() ? "training " + loss.of(kept.train()) : String.join(", ", results);
  }

  /** Figures of a part; null for one that does not exist. */
  private void put(Map<String, Object> event, String part, Evaluation evaluation) {
    if (evaluation == null) {
      event.put(part + "_loss", null);
      if (data.train().isClassification()) {
        event.put(part + "_accuracy", null);
      }
      return;
    }
    event.put(part + "_loss", evaluation.loss());
    if (!Double.isNaN(evaluation.accuracy())) {
      event.put(part + "_accuracy", evaluation.accuracy());
    }
  }
}
