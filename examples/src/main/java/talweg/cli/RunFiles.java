package talweg.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import talweg.data.Dataset;
import talweg.nn.Module;
import talweg.report.ReportPage;
import talweg.report.Run;
import talweg.session.MemoryUse;
import talweg.session.Session;
import talweg.tensorboard.EventWriter;
import talweg.tensorboard.TensorBoardListener;
import talweg.train.EpochResult;
import talweg.train.Evaluation;
import talweg.train.Phases;
import talweg.train.Predictions;
import talweg.train.Trainer;
import talweg.train.Training;
import talweg.train.TrainingListener;

/**
 * What a run leaves to look at in its folder: {@code metrics.csv} and TensorBoard's events while it
 * trains, {@code report.html} when it is done.
 */
final class RunFiles implements TrainingListener, AutoCloseable {
  private final Path folder;
  private final Module network;
  private final boolean pictures;
  private final List<EpochResult> epochs = new ArrayList<>();
  private final MetricsCsv metrics;
  private final TensorBoardListener events;
  private final List<Phases> phases = new ArrayList<>();
  private boolean trained;

  RunFiles(Path folder, Module network, Training training, boolean pictures) {
    this.folder = folder;
    this.network = network;
    this.pictures = pictures;
    this.metrics = new MetricsCsv(folder.resolve("metrics.csv"));
    this.events =
        new TensorBoardListener(
            new EventWriter(folder),
            network,
            training instanceof Trainer trainer ? trainer.optimizer()::lastGradient : null);
    training.listen(metrics).listen(events).listen(this);
  }

  @Override
  public void onResume(List<EpochResult> before) {
    epochs.addAll(before);
  }

  @Override
  public void onPhases(Phases measured) {
    phases.add(measured);
  }

  @Override
  public void onEpoch(EpochResult result) {
    epochs.add(result);
    trained = true;
  }

  /**
   * Writes the report of the finished run. One that is there stays where a run was resumed that was
   * finished already: times and memory are known to it and not to this process.
   *
   * @param kept the epoch whose weights the model has
   * @param test what those weights score on the test part, or null without one
   * @return its file
   */
  Path report(
      DataFlags.Loaded data,
      EpochResult kept,
      Evaluation test,
      Map<String, String> facts,
      ParseResult flags) {
    Path file = folder.resolve("report.html");
    if (!trained && Files.exists(file)) {
      return file;
    }
    Dataset tested = test == null ? null : data.split().test();
    Run run =
        new Run(
            data.name(),
            epochs,
            kept,
            test,
            typical(),
            tested,
            tested == null ? null : Predictions.of(network, tested),
            DataFlags.features(data.preprocessing()),
            data.targets(),
            facts,
            configuration(flags));
    ReportPage.write(file, run, pictures);
    return file;
  }

  /** The median of each part: a single step can be disturbed. */
  private Phases typical() {
    return phases.isEmpty()
        ? null
        : new Phases(
            median(Phases::data),
            median(Phases::forward),
            median(Phases::backward),
            median(Phases::optimizer));
  }

  private double median(ToDoubleFunction<Phases> part) {
    return phases.stream().mapToDouble(part).sorted().toArray()[phases.size() / 2];
  }

  /** What ran where, for the report. */
  static Map<String, String> facts(
      DataFlags.Loaded data, Module network, Training training, Session session) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("data", data.name() + ": " + data.sizes());
    facts.put("network", network.toString());
    facts.put("parameters", "%,d".formatted(network.parameterCount()));
    facts.put("loss", training.objective().name());
    facts.put("update", training.explain());
    facts.put("backend", session.backend().name());
    facts.put("device", session.backend().device());
    MemoryUse memory = session.memory();
    facts.put(
        "memory",
        "%s at the end; %s"
            .formatted(MemoryUse.text(memory.held()), MemoryFlags.describe(session)));
    facts.put("Talweg", Version.number());
    facts.put("Java", Runtime.version().toString());
    facts.put(
        "system",
        "%s %s, %s"
            .formatted(
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                System.getProperty("os.arch")));
    return facts;
  }

  /** All flags that have a value, in the order of the help. */
  private static Map<String, String> configuration(ParseResult flags) {
    Map<String, String> configuration = new LinkedHashMap<>();
    for (OptionSpec option : flags.commandSpec().options()) {
      Object value = option.getValue();
      if (value != null && !option.usageHelp() && !option.versionHelp()) {
        configuration.put(option.longestName(), value.toString());
      }
    }
    return configuration;
  }

  @Override
  public void close() {
    try (metrics) {
      events.close();
    }
  }
}
