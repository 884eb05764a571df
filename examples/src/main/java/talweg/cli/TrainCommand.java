package talweg.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import talweg.data.Dataset;
import talweg.io.NamedTensors;
import talweg.io.Safetensors;
import talweg.nn.Module;
import talweg.optim.OptimizerSpec;
import talweg.optim.ParameterGroup;
import talweg.optim.schedule.Schedules;
import talweg.session.Backends;
import talweg.session.Session;
import talweg.solve.LBFGS;
import talweg.tensor.DType;
import talweg.train.EpochResult;
import talweg.train.FullBatchTrainer;
import talweg.train.Objective;
import talweg.train.Trainer;
import talweg.train.TrainerOptions;
import talweg.train.Training;
import talweg.train.TrainingResult;

/** {@code talweg train}: from data to a trained model. */
@Command(
    name = "train",
    description = "Trains a network; without arguments, on embedded handwritten digits.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class TrainCommand implements Callable<Integer> {
  /** Element types that a training can run in. */
  enum Precision {
    FP32(DType.F32),
    FP64(DType.F64);

    final DType dtype;

    Precision(DType dtype) {
      this.dtype = dtype;
    }
  }

  @Mixin private DataFlags data;
  @Mixin private ModelFlags model;
  @Mixin private OptimizerFlags optimizer;
  @Mixin private MemoryFlags memory;
  @Mixin private WatchFlags watch;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "40",
      description =
          "Passes over the training data; with --optimizer lbfgs, its steps on all of them at"
              + " once. Default: ${DEFAULT-VALUE}.")
  private int epochs;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "32",
      description = "Examples per batch. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--loss",
      paramLabel = "NAME",
      description = "cross-entropy (classes); mse, l1 or huber (numbers). Default: by the data.")
  private String loss;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Of the split, the weights, the batches, dropout. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = "auto, cpu, cuda[:I] or reference. Default: ${DEFAULT-VALUE}.")
  private String backend;

  @Option(
      names = "--precision",
      paramLabel = "P",
      defaultValue = "fp32",
      description = "fp32 or fp64. Default: ${DEFAULT-VALUE}.")
  private Precision precision;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "Worker threads of the CPU backend. Default: as many as cores.")
  private int threads;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder for model.safetensors and metrics.csv. Default: runs/<date-time>.")
  private Path out;

  @Option(names = "--json", description = "JSON lines on standard output, text on standard error.")
  private boolean json;

  @Spec private CommandSpec command;

  @Override
  public Integer call() {
    requireSensible();
    Console console = new Console(json);
    // Wrong flags are reported before any file is read.
    LBFGS lbfgs = FullBatchFlags.of(command.commandLine().getParseResult());
    if (lbfgs != null) {
      model.withoutDropout();
    } else {
      optimizer.options();
      optimizer.spec(epochs * 1000L, 1000);
    }
    DataFlags.Loaded loaded = data.load(seed);
    Objective objective = objective(loaded.train());
    Module network = model.build(loaded.train(), loaded.recipe());
    try (Session session = memory.open(Backends.open(backend, threads))) {
      network.to(session, precision.dtype, seed);
      Training training =
          lbfgs != null
              ? new FullBatchTrainer(network, objective, lbfgs, epochs, seed)
              : miniBatches(network, objective, options(), loaded.train().size());
      TrainReport report = new TrainReport(console, session, loaded, network, training, epochs);
      Path folder = out != null ? out : defaultFolder();
      if (lbfgs != null) {
        report.start("lbfgs", "found by the line search", folder);
      } else {
        long stepsPerEpoch = options().stepsPerEpoch(loaded.train().size());
        OptimizerSpec spec = optimizer.spec(epochs * stepsPerEpoch, stepsPerEpoch);
        report.start(spec.name(), Schedules.format(spec.rate()), folder);
      }
      training.listen(report);
      try (RunFiles files = watch.start(folder, network, training)) {
        TrainingResult result = training.fit(loaded.train(), loaded.test());
        save(network, folder, result);
        files.report(
            loaded,
            RunFiles.facts(loaded, network, training, session),
            command.commandLine().getParseResult());
        report.done(result, folder);
      }
    }
    return ExitCode.DONE;
  }

  private TrainerOptions options() {
    return TrainerOptions.of(epochs, batch).seed(seed).optimizer(optimizer.options());
  }

  private Trainer miniBatches(
      Module network, Objective objective, TrainerOptions options, int examples) {
    long stepsPerEpoch = options.stepsPerEpoch(examples);
    List<ParameterGroup> groups = optimizer.groups(network, epochs * stepsPerEpoch, stepsPerEpoch);
    return new Trainer(network, objective, groups, options).monitor(optimizer.metric(objective));
  }

  private void save(Module network, Path folder, TrainingResult result) {
    EpochResult last = result.last();
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", "pt");
    metadata.put("talweg.version", Version.number());
    metadata.put("talweg.network", network.toString());
    metadata.put("talweg.seed", Long.toString(seed));
    if (last != null) {
      metadata.put("talweg.test_loss", Double.toString(last.test().loss()));
    }
    Safetensors.write(
        folder.resolve("model.safetensors"), NamedTensors.copy(network.state()), metadata);
  }

  private Objective objective(Dataset train) {
    Objective objective;
    try {
      objective = loss == null ? Objective.of(train) : Objective.named(loss);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--loss: " + e.getMessage());
    }
    if (objective.classification() != train.isClassification()) {
      throw new UsageException(
          "--loss %s does not fit the data, whose target is %s; choose %s or say --task %s"
              .formatted(
                  objective.name(),
                  train.isClassification() ? "a class" : "a number",
                  train.isClassification() ? "cross-entropy" : "mse, l1 or huber",
                  train.isClassification() ? "regress" : "classify"));
    }
    return objective;
  }

  private void requireSensible() {
    requireAtLeast("--epochs", epochs, 1);
    requireAtLeast("--batch", batch, 1);
    requireAtLeast("--threads", threads, 0);
    long unused = memory.bytes();
    if (out != null && Files.exists(out) && !Files.isDirectory(out)) {
      throw new UsageException("--out: " + out + " is a file; name a folder");
    }
  }

  private static void requireAtLeast(String flag, int value, int least) {
    if (value < least) {
      throw new UsageException("%s: expected at least %d, got %d".formatted(flag, least, value));
    }
  }

  private static Path defaultFolder() {
    String stamp = LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmmss"));
    Path folder = Path.of("runs", stamp);
    // Two runs within a second must not share a folder.
    for (int i = 2; Files.exists(folder); i++) {
      folder = Path.of("runs", stamp + "-" + i);
    }
    return folder;
  }
}
