package talweg.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import talweg.data.Dataset;
import talweg.io.AtomicFile;
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
  private static final Logger LOG = LoggerFactory.getLogger(RunFiles.class);
  private static final String METRICS = "metrics.csv";
  private static final int MOST_PHASES = 1000;

  /** What is written in one go. */
  private static final Set<String> ATOMIC =
      Set.of("model.safetensors", "best.safetensors", METRICS, "report.html");

  private final Path folder;
  private final Module network;
  private final boolean pictures;
  private final EpochHistory epochs = new EpochHistory();
  private final MetricsCsv metrics;
  private final EventWriter events;
  private final TensorBoardListener curves;
  private final List<Phases> phases = new ArrayList<>();
  private boolean trained;

  /**
   * Begins to write.
   *
   * @param resumed the folder of the run that goes on, or null
   * @param planned number of epochs
   */
  RunFiles(
      Path folder, Path resumed, Module network, Training training, int planned, boolean pictures) {
    this.folder = folder;
    this.network = network;
    this.pictures = pictures;
    Path file = folder.resolve(METRICS);
    this.metrics =
        resumed == null
            ? new MetricsCsv(file)
            : new MetricsCsv(file, resumed.resolve(METRICS), epochs::add);
    this.events = new EventWriter(folder);
    this.curves =
        new TensorBoardListener(
            events,
            network,
            training instanceof Trainer trainer ? trainer.optimizer()::lastGradient : null,
            planned);
    training.listen(metrics).listen(curves).listen(this);
  }

  /** Deletes what a killed process left half written in a folder. */
  static void clean(Path folder) {
    try {
      AtomicFile.clean(folder, ATOMIC::contains);
    } catch (IOException e) {
      LOG.warn("{}: cannot be tidied up: {}", folder, e.toString());
    }
  }

  @Override
  public void onPhases(Phases measured) {
    // Those of the first epochs will do, of which there are enough.
    if (phases.size() < MOST_PHASES) {
      phases.add(measured);
    }
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
            epochs.with(kept),
            epochs.seconds(),
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
      curves.close();
    }
  }

  /**
   * After the last epoch.
   *
   * @throws UncheckedIOException if something that was to be written while the training ran is not
   *     in its file, as after a full disk
   */
  void requireWritten() {
    List<Path> lacking = unfinished();
    if (!lacking.isEmpty()) {
      throw new UncheckedIOException(
          new IOException(
              "%s: what could not be written is missing there; the model is whole; make room, and train more by --resume %s"
                  .formatted(lacking.getFirst(), folder)));
    }
  }

  private List<Path> unfinished() {
    List<Path> files = new ArrayList<>();
    if (!metrics.isWhole()) {
      files.add(folder.resolve(METRICS));
    }
    if (!events.isWhole()) {
      files.add(events.file());
    }
    return files;
  }
}
