package talweg.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import talweg.data.Dataset;
import talweg.error.CheckpointException;
import talweg.error.DataMismatchException;
import talweg.error.NonFiniteException;
import talweg.io.NamedTensors;
import talweg.nn.Module;
import talweg.optim.GradientTransform;
import talweg.optim.Optimizer;
import talweg.optim.OptimizerOptions;
import talweg.optim.ParameterGroup;
import talweg.optim.Schedule;
import talweg.optim.schedule.Schedules;
import talweg.tensor.Tensor;

/**
 * Saves a training between two steps, and puts it back. Then no gradient is accumulated, and the
 * order of the batches follows from seed and epoch, so that the position in the epoch is all there
 * is to know of both.
 */
final class Checkpointer {
  private static final Logger LOG = LoggerFactory.getLogger(Checkpointer.class);
  private static final String EPOCHS = "epochs";
  private static final String SCHEDULE = "schedule";

  private final Module model;
  private final Optimizer optimizer;
  private final Metrics metrics;
  private final GradientNorms norms;
  private final BestTracker best;
  private final TrainerOptions options;
  private final Map<String, String> settings;
  private List<String> firstSchedules;
  private CheckpointFolder folder;
  private Cadence cadence;
  private Map<String, String> configuration = Map.of();
  private String trainData = "";
  private String validationData = "";
  private Checkpoint resumed;
  private Path last;
  private long lastStep;
  private long lastTime;

  Checkpointer(
      Module model,
      Objective objective,
      Optimizer optimizer,
      Metrics metrics,
      GradientNorms norms,
      BestTracker best,
      List<ParameterGroup> groups,
      TrainerOptions options) {
    this.model = model;
    this.optimizer = optimizer;
    this.metrics = metrics;
    this.norms = norms;
    this.best = best;
    this.options = options;
    this.settings = settings(model, objective, groups, options);
    this.firstSchedules = texts(optimizer.schedules());
  }

  /** What has to be the same for a training to go on as if it had not been interrupted. */
  private static Map<String, String> settings(
      Module model, Objective objective, List<ParameterGroup> groups, TrainerOptions options) {
    OptimizerOptions updates = options.optimizer();
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("element type", model.trainable().getFirst().value().dtype().name());
    settings.put("loss", objective.name());
    settings.put("batch", Integer.toString(options.batch()));
    settings.put("accumulate", Integer.toString(updates.accumulate()));
    settings.put("seed", Long.toString(options.seed()));
    settings.put("clipping", updates.clip().toString());
    settings.put("policy for non-finite gradients", updates.nonFinite().name());
    List<String> optimizers = new ArrayList<>();
    for (ParameterGroup group : groups) {
      optimizers.add(
          group.optimizer().name()
              + group.optimizer().chain().stream().map(Checkpointer::described).toList()
              + " for "
              + group.parameters().size());
    }
    settings.put("optimizer", String.join(", ", optimizers));
    settings.put(EPOCHS, Integer.toString(options.epochs()));
    return settings;
  }

  /** A record's text has its constants; other classes' may have nothing but an address. */
  private static String described(GradientTransform transform) {
    Class<?> type = transform.getClass();
    return type.isRecord() ? transform.toString() : type.getName();
  }

  void saveTo(CheckpointFolder to, Cadence howOften, Map<String, String> described) {
    folder = to;
    cadence = howOften;
    configuration = Collections.unmodifiableMap(new LinkedHashMap<>(described));
    // Says now, and not after an epoch, if two parameters have one name.
    optimizer.state();
  }

  /** Whether checkpoints are written. */
  boolean isOn() {
    return folder != null;
  }

  // ---- going on

  /**
   * Overwrites model, optimizer and metrics with a checkpoint's, or nothing if it does not fit.
   *
   * @throws CheckpointException naming a setting that differs
   */
  void resume(Checkpoint checkpoint) {
    TrainingState state = checkpoint.state();
    List<Schedule> schedules = schedules(checkpoint);
    settings.forEach((name, own) -> {
      String its = state.settings().get(name);
      if (!name.equals(EPOCHS) && !own.equals(its)) {
        throw differs(checkpoint, name, its, own);
      }
    });
    state
        .settings()
        .forEach((name, its) -> {
          if (!settings.containsKey(name)) {
            throw differs(checkpoint, name, its, "no such setting");
          }
        });
    String file = checkpoint.file().toString();
    if (state.best() != null) {
      NamedTensors.requireFitting(file, model.state(), checkpoint.bestWeights());
    }
    NamedTensors.restore(file, tensors(), checkpoint.current());
    optimizer.resume(schedules);
    metrics.resume(state.counted());
    norms.start(state.norms());
    best.resume(state.best(), checkpoint.bestWeights());
    resumed = checkpoint;
  }

  /**
   * The training's own schedules, unless a metric has changed those of the checkpoint since the
   * training began. Its own may be longer or shorter ones if the number of epochs was changed.
   */
  private List<Schedule> schedules(Checkpoint checkpoint) {
    TrainingState state = checkpoint.state();
    List<Schedule> own = optimizer.schedules();
    boolean sameEpochs = settings.get(EPOCHS).equals(state.settings().get(EPOCHS));
    boolean same = firstSchedules.equals(state.firstSchedules());
    int groups = own.size();
    if (state.schedules().size() != groups || state.firstSchedules().size() != groups) {
      throw differs(checkpoint, "groups", state.schedules().size() + "", Integer.toString(groups));
    }
    if (sameEpochs && !same) {
      throw differs(
          checkpoint, SCHEDULE, state.firstSchedules().toString(), firstSchedules.toString());
    }
    if (state.schedules().equals(state.firstSchedules())) {
      return own;
    }
    List<Schedule> next = new ArrayList<>();
    for (int i = 0; i < groups; i++) {
      String text = state.schedules().get(i);
      next.add(text.isEmpty() ? own.get(i) : parse(checkpoint, text));
    }
    firstSchedules = state.firstSchedules();
    return next;
  }

  private static Schedule parse(Checkpoint checkpoint, String text) {
    try {
      return Schedules.parse(text);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(checkpoint.file() + ": " + e.getMessage(), e);
    }
  }

  private static CheckpointException differs(
      Checkpoint checkpoint, String name, String its, String own) {
    return new CheckpointException(
        "%s: the training was started with %s %s, this one has %s; resume with the original value, or start over in another folder"
            .formatted(checkpoint.file(), name, its, own));
  }

  /**
   * Before the first step.
   *
   * @return what to go on from, or null
   * @throws DataMismatchException if the data are not those of the checkpoint
   * @throws CheckpointException if its position is not one between two steps
   */
  TrainingState begin(Dataset train, Dataset validation) {
    Checkpoint from = resumed;
    resumed = null;
    lastStep = optimizer.attemptedSteps();
    lastTime = System.nanoTime();
    if (folder != null || from != null) {
      trainData = train.fingerprint();
      validationData = validation == null ? "" : validation.fingerprint();
    }
    if (folder != null) {
      folder.clean();
    }
    if (from == null) {
      return null;
    }
    last = from.file();
    requireSame(from, "training data", from.state().trainData(), trainData, train);
    requireSame(from, "validation data", from.state().validationData(), validationData, validation);
    int batches = Math.ceilDiv(train.size(), options.batch());
    int batch = from.state().batch();
    if (batch >= batches || batch % options.optimizer().accumulate() != 0) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s: expected a position between two steps of an epoch of %d batches, got batch %d;"
                  + " it was altered",
              from.file(),
              batches,
              batch));
    }
    return from.state();
  }

  private static void requireSame(
      Checkpoint from, String which, String its, String own, Dataset data) {
    if (!own.equals(its)) {
      throw new DataMismatchException(
          "%s: the %s are not those that the training was started with: expected SHA-256 %s, got %s (%s); bring the same data, or start over"
              .formatted(from.file(), which, its, own, data));
    }
  }

  // ---- saving

  /** Whether the cadence asks for a checkpoint after this step. */
  boolean isDue() {
    return isOn() && cadence.isDue(stepsSince(), System.nanoTime() - lastTime);
  }

  boolean isDueAfterEpoch(int epoch) {
    return isOn() && cadence.isDueAfterEpoch(epoch, stepsSince(), System.nanoTime() - lastTime);
  }

  private long stepsSince() {
    return optimizer.attemptedSteps() - lastStep;
  }

  /**
   * Saves; a failure is only a warning where earlier checkpoints stand and there will be others.
   *
   * @return the file, or null after a warning
   */
  Path trySave(TrainingRun run) {
    try {
      return save(run);
    } catch (CheckpointException e) {
      if (last == null) {
        throw e;
      }
      LOG.warn("{}; the training continues, its last checkpoint is {}", e.getMessage(), last);
      lastStep = optimizer.attemptedSteps();
      lastTime = System.nanoTime();
      return null;
    }
  }

  /**
   * Saves.
   *
   * @throws CheckpointException if the file cannot be written
   * @throws NonFiniteException if a gradient was not finite: the weights are those before it, but
   *     the position is not
   */
  Path save(TrainingRun run) {
    optimizer.requireFinite();
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(Checkpoint.FORMAT_KEY, Integer.toString(Checkpoint.FORMAT));
    metadata.put(Checkpoint.STATE_KEY, state(run).format());
    var tensors = NamedTensors.copy(tensors());
    BestEpoch kept = best.best();
    boolean modelIsBest = kept != null && kept.epoch() == run.epoch() - 1 && run.batch() == 0;
    if (kept != null && !modelIsBest) {
      kept.weights().forEach((name, tensor) -> tensors.put(Checkpoint.BEST + name, tensor));
    }
    last = folder.save(optimizer.attemptedSteps(), tensors, metadata);
    lastStep = optimizer.attemptedSteps();
    lastTime = System.nanoTime();
    return last;
  }

  private TrainingState state(TrainingRun run) {
    BestEpoch kept = best.best();
    return new TrainingState(
        run.epoch(),
        run.batch(),
        run.batch() == 0 ? 0 : metrics.examples(),
        run.clock().totalSeconds(),
        run.secondsInEpoch(),
        run.batch() == 0 ? GradientNorms.Sums.NONE : norms.read(),
        run.results(TrainingState.MOST_EPOCHS),
        kept == null ? null : new TrainingState.Best(kept.epoch(), kept.value()),
        texts(optimizer.schedules()),
        firstSchedules,
        settings,
        configuration,
        trainData,
        validationData,
        optimizer.session().backend().name());
  }

  private Map<String, Tensor> tensors() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    model.state().forEach((name, tensor) -> all.put(Checkpoint.MODEL + name, tensor));
    optimizer.state().forEach((name, tensor) -> all.put(Checkpoint.OPTIMIZER + name, tensor));
    all.put(Checkpoint.METRICS, metrics.sums());
    return all;
  }

  /** Schedules as text; empty for one of the user's own, which has no text and no state. */
  private static List<String> texts(List<Schedule> schedules) {
    List<String> texts = new ArrayList<>();
    for (Schedule schedule : schedules) {
      String text;
      try {
        text = Schedules.format(schedule);
      } catch (IllegalArgumentException e) {
        text = "";
      }
      texts.add(text);
    }
    return List.copyOf(texts);
  }

  /** The error, with where to go on from. */
  NonFiniteException naming(NonFiniteException error) {
    if (!isOn()) {
      return error;
    }
    String where =
        last == null ? "no checkpoint was written before" : "the last good checkpoint is " + last;
    NonFiniteException named =
        new NonFiniteException(error.getMessage() + "; " + where, error.parameter(), error.step());
    named.initCause(error);
    return named;
  }
}
