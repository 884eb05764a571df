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
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import talweg.data.Dataset;
import talweg.data.Split;
import talweg.io.HostTensor;
import talweg.io.NamedTensors;
import talweg.nn.Module;
import talweg.nn.NetworkSpec;
import talweg.optim.OptimizerSpec;
import talweg.optim.ParameterGroup;
import talweg.optim.schedule.Schedules;
import talweg.session.Backends;
import talweg.session.Session;
import talweg.solve.LBFGS;
import talweg.train.Checkpoint;
import talweg.train.Ending;
import talweg.train.EpochResult;
import talweg.train.Evaluation;
import talweg.train.FullBatchTrainer;
import talweg.train.ModelCard;
import talweg.train.ModelFile;
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
  @Mixin private DataFlags data;
  @Mixin private ModelFlags model;
  @Mixin private OptimizerFlags optimizer;
  @Mixin private MemoryFlags memory;
  @Mixin private CheckpointFlags checkpoints;
  @Mixin private WatchFlags watch;
  @Mixin private RateTestFlags rateTest;

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
      description = Arithmetic.DESCRIPTION)
  private Arithmetic precision;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Worker threads of the CPU backend. Default: as many as cores.")
  private Integer threads;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder for model.safetensors and metrics.csv. Default: runs/<date-time>.")
  private Path out;

  @Option(names = "--json", description = "JSON lines on standard output, text on standard error.")
  private boolean json;

  @Spec private CommandSpec command;

  private ModelCard card;

  @Override
  public Integer call() {
    try (RunLock lock = new RunLock()) {
      return call(lock);
    }
  }

  private Integer call(RunLock lock) {
    requireSensible();
    Console console = new Console(json);
    Checkpoint from = checkpoints.resume() == null ? null : resumed(lock);
    // Wrong flags are reported before any file is read.
    LBFGS lbfgs = FullBatchFlags.of(given());
    if (lbfgs != null) {
      rateTest.refuse("--optimizer lbfgs, which finds the length of its steps by a line search");
      model.withoutDropout();
    } else {
      optimizer.options();
      optimizer.spec(epochs * 1000L, 1000);
    }
    Path chosen = folder();
    if (chosen != null && Files.isDirectory(chosen)) {
      lock.take(chosen);
    }
    DataFlags.Loaded loaded = data.load(seed);
    Objective objective = objective(loaded.train());
    NetworkSpec layers = model.network(loaded.train(), loaded.recipe());
    card =
        ModelCard.of(
            layers,
            loaded.train(),
            objective,
            loaded.name(),
            seed,
            loaded.parts(),
            loaded.preprocessing());
    Module network = layers.build();
    try (Session session =
        memory.open(Backends.open(backend, Threads.of(threads), precision.products))) {
      network.init(session, precision.dtype, seed);
      Path folder = claim(chosen, lock);
      Training training =
          lbfgs != null
              ? new FullBatchTrainer(network, objective, lbfgs, epochs, seed)
              : miniBatches(network, objective, loaded.train().size(), folder);
      TrainReport report = new TrainReport(console, session, loaded, network, training, epochs);
      if (lbfgs != null) {
        report.start("lbfgs", "found by the line search", folder);
      } else {
        long stepsPerEpoch = options().stepsPerEpoch(loaded.train().size());
        OptimizerSpec spec = optimizer.spec(epochs * stepsPerEpoch, stepsPerEpoch);
        report.start(spec.name(), Schedules.format(spec.rate()), folder);
      }
      if (backend.equalsIgnoreCase("auto")) {
        MissingGpu.notice(Backends.providers(), session.backend().name()).ifPresent(report::notice);
      }
      if (rateTest.isAsked()) {
        rateTest.run((Trainer) training, loaded.train(), console, folder);
        return ExitCode.DONE;
      }
      if (from != null) {
        ((Trainer) training).resume(from);
        report.resumed(from, data.splitting().hasTwoParts());
      }
      training.listen(report);
      return run(training, loaded, network, session, report, folder);
    }
  }

  /** Trains, and leaves what is to be left of a run that was finished, or of one that was not. */
  private int run(
      Training training,
      DataFlags.Loaded loaded,
      Module network,
      Session session,
      TrainReport report,
      Path folder) {
    try (RunFiles files = watch.start(folder, checkpoints.resume(), network, training, epochs);
        StopSignals signals = new StopSignals(training::stop, System.err)) {
      Split split = loaded.split();
      TrainingResult result =
          split.hasValidation()
              ? training.fit(split.train(), split.validation())
              : training.fit(split.train());
      boolean stopped = result.ending() == Ending.STOPPED;
      Evaluation test = null;
      Verdict verdict = null;
      if (!stopped || training instanceof FullBatchTrainer && result.kept() != null) {
        test = split.hasTest() ? training.evaluate(split.test()) : null;
        Map<String, HostTensor> weights = NamedTensors.copy(network.state());
        verdict =
            Verdict.of(training, result, weights, test, split.hasTest() ? split.test() : null);
        if (verdict.usable()) {
          save(folder, "model", weights, losses(result.kept(), test));
        }
      }
      if (stopped) {
        report.stopped(result, folder);
        return signals.exitCode();
      }
      Map<String, String> facts = RunFiles.facts(loaded, network, training, session);
      files.report(loaded, result.kept(), test, facts, given());
      report.done(result, test, folder, verdict);
      files.requireWritten();
      return verdict.isSuccess() ? ExitCode.DONE : failed(verdict, training, folder);
    }
  }

  /** Says why a training that went through its epochs is no success. */
  private int failed(Verdict verdict, Training training, Path folder) {
    String model =
        verdict.usable()
            ? "the model was written nevertheless"
            : training instanceof Trainer trainer && trainer.best() != null
                ? "no model.safetensors was written; best.safetensors in %s has the weights of epoch %d"
                    .formatted(folder, trainer.best().epoch())
                : "no model.safetensors was written";
    command
        .commandLine()
        .getErr()
        .printf(
            "talweg train: failed: %s; %s; try a tenth of --lr, or --clip-norm 1, or look for"
                + " extreme values in the data%n",
            verdict.text(), model);
    return ExitCode.FAILED;
  }

  /** The checkpoint to go on from; takes over the flags of its run. */
  private Checkpoint resumed(RunLock lock) {
    Path run = checkpoints.resume();
    RunFolder.requireRun(CheckpointFlags.RESUME, run);
    if (Files.isDirectory(run) && (out == null || isOwn())) {
      lock.take(run);
    }
    Checkpoint from = checkpoints.in(run).newest();
    Configuration original = new Configuration(from.configuration());
    List<String> arguments = original.resumedBy(given(), run);
    command.commandLine().parseArgs(arguments.toArray(String[]::new));
    if (original.hasTwoParts()) {
      data.splitting().keepTwoParts();
    }
    requireSensible();
    return from;
  }

  private ParseResult given() {
    return command.commandLine().getParseResult();
  }

  /** The run's folder: that of the run that goes on, if no other is named; null for a new one. */
  private Path folder() {
    Path run = checkpoints.resume();
    if (out == null) {
      return run;
    }
    requireNoOther();
    return out;
  }

  /** Whether --out names the run that goes on. */
  private boolean isOwn() {
    Path run = checkpoints.resume();
    return run != null && out.toAbsolutePath().normalize().equals(run.toAbsolutePath().normalize());
  }

  private void requireNoOther() {
    if (!isOwn() && !checkpoints.in(out).files().isEmpty()) {
      throw new UsageException(
          "--out: %s has the checkpoints of another run; go on with it by --resume %s, or name another folder"
              .formatted(out, out));
    }
  }

  /** Locks the folder, and makes a new one where none was chosen. */
  private Path claim(Path chosen, RunLock lock) {
    Path folder = chosen == null ? newFolder(lock) : chosen;
    lock.take(folder);
    if (out != null) {
      // What another run wrote before it let the folder go.
      requireNoOther();
    }
    RunFiles.clean(folder);
    return folder;
  }

  private TrainerOptions options() {
    return TrainerOptions.of(epochs, batch).seed(seed).optimizer(optimizer.options());
  }

  private Trainer miniBatches(Module network, Objective objective, int examples, Path folder) {
    long stepsPerEpoch = options().stepsPerEpoch(examples);
    List<ParameterGroup> groups = optimizer.groups(network, epochs * stepsPerEpoch, stepsPerEpoch);
    Trainer trainer =
        new Trainer(network, objective, groups, options())
            .monitor(optimizer.metric(objective), optimizer.goal());
    checkpoints.apply(trainer, folder, Configuration.of(given(), data.splitting().text()));
    return trainer.listen(
        new BestModel(trainer, best -> save(folder, "best", best.weights(), Map.of())));
  }

  /** The losses of the weights that are saved, for the file's metadata. */
  private static Map<String, String> losses(EpochResult kept, Evaluation test) {
    Map<String, String> losses = new LinkedHashMap<>();
    if (kept.validation() != null) {
      losses.put("talweg.val_loss", Double.toString(kept.validation().loss()));
    }
    if (test != null) {
      losses.put("talweg.test_loss", Double.toString(test.loss()));
    }
    return losses;
  }

  private void save(
      Path folder, String name, Map<String, HostTensor> weights, Map<String, String> losses) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("talweg.version", Version.number());
    metadata.putAll(losses);
    ModelFile.write(folder.resolve(name + ".safetensors"), weights, card, metadata);
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
    int unusedThreads = Threads.of(threads);
    long unused = memory.bytes();
    checkpoints.requireSensible();
    if (out != null && Files.exists(out) && !Files.isDirectory(out)) {
      throw new UsageException("--out: " + out + " is a file; name a folder");
    }
  }

  private static void requireAtLeast(String flag, int value, int least) {
    if (value < least) {
      throw new UsageException("%s: expected at least %d, got %d".formatted(flag, least, value));
    }
  }

  /** A folder of its own: also of two runs within a second, in two processes. */
  private static Path newFolder(RunLock lock) {
    String stamp = LocalDateTime.now().format(DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmmss"));
    Path folder = Path.of("runs", stamp);
    for (int i = 2; !lock.make(folder); i++) {
      folder = Path.of("runs", stamp + "-" + i);
    }
    return folder;
  }
}
