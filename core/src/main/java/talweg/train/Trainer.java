package talweg.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import talweg.check.Require;
import talweg.data.Batch;
import talweg.data.BatchPass;
import talweg.data.Batches;
import talweg.data.Dataset;
import talweg.error.NonFiniteException;
import talweg.error.OutOfMemoryException;
import talweg.error.TalwegException;
import talweg.nn.Module;
import talweg.nn.Parameter;
import talweg.optim.Optimizer;
import talweg.optim.OptimizerSpec;
import talweg.optim.ParameterGroup;
import talweg.optim.schedule.Plateau.Goal;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/**
 * Mini-batch training: epochs over shuffled batches, evaluation, metrics, listeners. The same seed
 * gives the same weights, bit for bit, on one backend, whatever else is trained on the same
 * session.
 *
 * <pre>{@code
 * Trainer trainer = new Trainer(model, Objective.crossEntropy(), Optimizers.adamW(1e-3), TrainerOptions.of(20, 32));
 * TrainingResult result = trainer.fit(split.train(), split.validation());
 * Evaluation test = trainer.evaluate(split.test());
 * }</pre>
 */
public final class Trainer implements Training, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);

  private final Session session;
  private final Module model;
  private final DType dtype;
  private final Objective objective;
  private final Optimizer optimizer;
  private final TrainerOptions options;
  private final Metrics metrics;
  private final PhaseClock phases;
  private final StepCapture captures;
  private final GradientNorms norms;
  private final TrainingSteps steps;
  private final List<TrainingListener> listeners = new ArrayList<>();
  private final BestTracker best;
  private final Checkpointer checkpointer;
  private boolean changeTold;
  private volatile boolean stopping;
  private boolean closed;

  /** Binds an optimizer to a model that is placed on a session. */
  public Trainer(
      Module model, Objective objective, OptimizerSpec optimizer, TrainerOptions options) {
    this(model, objective, List.of(new ParameterGroup(model.trainable(), optimizer)), options);
  }

  /**
   * Binds optimizers to groups of the parameters of a model that is placed on a session; parameters
   * in no group stay as they are.
   */
  public Trainer(
      Module model, Objective objective, List<ParameterGroup> groups, TrainerOptions options) {
    Require.given("trainer", "objective", objective);
    Require.given("trainer", "options", options);
    List<Parameter> trainable = model.trainable();
    if (trainable.isEmpty()) {
      throw new TalwegException("trainer: the model has no trainable parameter");
    }
    this.model = model;
    this.objective = objective;
    this.options = options;
    Tensor any = trainable.getFirst().value();
    this.session = any.session();
    this.dtype = any.dtype();
    this.metrics = new Metrics(session, objective.classification());
    this.optimizer = Optimizer.bind(model, groups, options.optimizer());
    this.optimizer.random().seed(options.seed());
    this.phases = new PhaseClock(session);
    this.captures = new StepCapture(model, objective);
    this.norms = new GradientNorms(optimizer);
    this.steps =
        new TrainingSteps(
            model, dtype, objective, this.optimizer, metrics, phases, captures, norms);
    this.best = new BestTracker(model);
    this.checkpointer =
        new Checkpointer(model, objective, optimizer, metrics, norms, best, groups, options);
  }

  @Override
  public Trainer listen(TrainingListener listener) {
    listeners.add(Require.given("trainer", "listener", listener));
    return this;
  }

  /**
   * Chooses what is reported after each epoch to a schedule such as {@link
   * talweg.optim.schedule.Plateau}, and which epoch is the best: a figure of the validation data,
   * or of the training data without them. The loss, if nothing else is chosen.
   */
  public Trainer monitor(ToDoubleFunction<Evaluation> metric, Goal goal) {
    best.monitor(metric, goal);
    return this;
  }

  /** As {@link #monitor(ToDoubleFunction, Goal)} with a metric of which less is better. */
  public Trainer monitor(ToDoubleFunction<Evaluation> metric) {
    return monitor(metric, Goal.MIN);
  }

  /**
   * Ends the training when the monitored metric has not become better for so many epochs. However
   * it ends, the model then has the weights of the best one.
   */
  public Trainer earlyStop(int epochs) {
    best.patience(epochs);
    return this;
  }

  /**
   * Saves checkpoints, from which {@link #resume} goes on bit for bit, and one at the end.
   *
   * @param configuration what the caller needs to set the same training up again
   */
  public Trainer saveTo(
      CheckpointFolder folder, Cadence cadence, Map<String, String> configuration) {
    checkpointer.saveTo(folder, cadence, configuration);
    return this;
  }

  /**
   * Makes the next {@link #fit} go on where a checkpoint was saved. The model and this trainer have
   * to be set up as they were then; only the number of epochs may differ, and with it the length of
   * schedules.
   *
   * @throws talweg.error.CheckpointException naming what is set up differently
   * @throws talweg.error.DataFormatException if it is of another model
   */
  public Trainer resume(Checkpoint checkpoint) {
    checkpointer.resume(checkpoint);
    return this;
  }

  /**
   * Chooses whether steps may be captured: recorded once for each batch size and replayed. That
   * never changes what they compute. It happens only where every module and the objective are ours
   * or declare to be replayable ({@link Module#isReplayable}, {@link Objective#asReplayable}); for
   * others, the trainer says once what running each step as written costs. On at first.
   */
  public Trainer capture(boolean on) {
    captures.on(on);
    return this;
  }

  /** The best epoch so far, or null; kept where checkpoints or early stopping need it. */
  public BestEpoch best() {
    return best.best();
  }

  /**
   * Closes the optimizer and returns all memory but the model's, which keeps its weights and can be
   * trained by another trainer then. The end of the session does so, too.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    steps.close();
    metrics.free();
    norms.free();
    optimizer.close();
  }

  @Override
  public void stop() {
    stopping = true;
  }

  @Override
  public Objective objective() {
    return objective;
  }

  /** The optimizer, for its plan and state. */
  public Optimizer optimizer() {
    return optimizer;
  }

  @Override
  public String explain() {
    return optimizer.explain();
  }

  /**
   * Trains for all epochs, or those that a checkpoint has left, without validation data: early
   * stopping, plateau schedules and the best epoch follow the training figures.
   *
   * @throws talweg.error.NonFiniteException as {@link #fit(Dataset, Dataset)}
   * @throws talweg.error.CheckpointException as {@link #fit(Dataset, Dataset)}
   */
  @Override
  public TrainingResult fit(Dataset train) {
    return run(train, null);
  }

  /**
   * Trains for all epochs, or those that a checkpoint has left.
   *
   * @param validation evaluated after each epoch; early stopping, plateau schedules and the best
   *     epoch follow its figures
   * @throws talweg.error.NonFiniteException at a NaN or infinity in a gradient, unless another
   *     policy was chosen
   * @throws talweg.error.CheckpointException if the data are not those of the checkpoint, or none
   *     can be written
   */
  @Override
  public TrainingResult fit(Dataset train, Dataset validation) {
    return run(train, required(validation));
  }

  static Dataset required(Dataset validation) {
    return Objects.requireNonNull(
        validation, "fit: expected validation data, got null; without them, call fit(train)");
  }

  private void requireOpen() {
    if (closed) {
      throw new TalwegException("trainer: it was closed; make another one for the model");
    }
  }

  /** New values of the same type on the same session can be evaluated, though not trained. */
  private void requireInPlace() {
    for (Parameter parameter : model.trainable()) {
      Tensor value = parameter.value();
      if (value.session() != session || value.dtype() != dtype) {
        optimizer.requireStanding();
      }
    }
  }

  private TrainingResult run(Dataset train, Dataset validation) {
    requireOpen();
    optimizer.requireStanding();
    objective.requireFitting(train);
    TrainingState from = checkpointer.begin(train, validation);
    Clock clock = new Clock(train.size(), options.epochs());
    TrainingRun run = from == null ? new TrainingRun(clock) : new TrainingRun(clock, from);
    if (from == null) {
      best.resume(null, null);
    } else {
      listeners.forEach(l -> l.onResume(from.epochs()));
    }
    Ending ending;
    try {
      steps.place(train);
      ending = trainEpochs(train, validation, run);
    } catch (NonFiniteException e) {
      throw checkpointer.naming(e);
    } catch (OutOfMemoryException e) {
      throw e.advising(advice(train, validation));
    } finally {
      stopping = false;
      captures.tell(true, this::notice);
    }
    int last = run.finished();
    return new TrainingResult(
        run.results(RecentEpochs.MOST),
        optimizer.appliedSteps(),
        clock.totalSeconds(),
        clock.samplesPerSecond(),
        ending,
        ending == Ending.STOPPED ? last : best.restore(last));
  }

  private Ending trainEpochs(Dataset train, Dataset validation, TrainingRun run) {
    Ending ending = null;
    while (ending == null) {
      int finished = run.finished();
      if (best.isOver(finished)) {
        ending = Ending.EARLY;
      } else if (finished >= options.epochs()) {
        ending = Ending.COMPLETED;
      } else if (!trainEpoch(train, run)) {
        ending = Ending.STOPPED;
      } else {
        finishEpoch(train, validation, run);
        if (stopping) {
          ending = Ending.STOPPED;
        } else if (checkpointer.isDueAfterEpoch(run.finished())) {
          trySave(run);
        }
      }
    }
    if (checkpointer.isOn()) {
      listeners.forEach(TrainingListener::beforeCheckpoint);
      saved(checkpointer.save(run));
    }
    return ending;
  }

  private void trySave(TrainingRun run) {
    listeners.forEach(TrainingListener::beforeCheckpoint);
    saved(checkpointer.trySave(run));
  }

  private void notice(String notice) {
    LOG.warn("trainer: {}", notice);
    listeners.forEach(l -> l.onNotice(notice));
  }

  private void saved(Path checkpoint) {
    if (checkpoint != null) {
      listeners.forEach(l -> l.onCheckpoint(checkpoint));
    }
  }

  private void finishEpoch(Dataset train, Dataset validation, TrainingRun run) {
    Evaluation mean = metrics.read();
    GradientNorms.Sums gradients = norms.read();
    optimizer.requireFinite();
    run.clock().endEpoch();
    Evaluation validated = validation == null ? null : evaluate(validation);
    double metric = best.valueOf(mean, validated);
    optimizer.report(metric);
    EpochResult result =
        new EpochResult(
            run.epoch(),
            optimizer.appliedSteps(),
            mean,
            validated,
            optimizer.learningRate(),
            optimizer.gradientNorm(),
            run.clock().epochSeconds(),
            train.size() / run.clock().epochSeconds(),
            gradients.mean(),
            gradients.maximum());
    run.epochDone(result);
    if (checkpointer.isOn() || best.isStoppingEarly()) {
      best.update(result.epoch(), metric);
      if (best.best() != null && best.best().epoch() == result.epoch()) {
        run.best(result);
      }
    }
    Phases parts = phases.phases();
    if (parts != null) {
      listeners.forEach(l -> l.onPhases(parts));
    }
    listeners.forEach(l -> l.onEpoch(result));
    tellChange(train, run.finished());
  }

  /** Says once that a file which the examples are read from was changed. */
  private void tellChange(Dataset train, int epoch) {
    Optional<Path> changed = changeTold ? Optional.empty() : train.changed();
    if (changed.isPresent()) {
      changeTold = true;
      notice(
          String.format(
              Locale.ROOT,
              "%s was changed or removed while it was read, before the end of epoch %d: from there"
                  + " on the training saw other examples than before; put the file back and go on"
                  + " from a checkpoint before that, or train anew",
              changed.get(),
              epoch));
    }
  }

  /**
   * Learning-rate range test: a few steps whose rate grows from one to the next. Nothing is left of
   * it in the model, the optimizer and the random streams.
   */
  public RateTest rateTest(Dataset train, RateRange range) {
    requireOpen();
    optimizer.requireStanding();
    Require.given("rate test", "range", range);
    objective.requireFitting(train);
    // Each of several batches of a step counts alike, as the optimizer divides by their number.
    return new RateSweep(
            model, optimizer, metrics, options, batch -> microBatch(train, batch, 1, false))
        .run(train, range);
  }

  @Override
  public Evaluation evaluate(Dataset data) {
    requireOpen();
    requireInPlace();
    return metrics.over(model, objective, new Feed(session, dtype, data), data);
  }

  /**
   * Trains to the end of an epoch, from wherever in it the run is.
   *
   * @return false if it was stopped on the way, between two steps
   */
  private boolean trainEpoch(Dataset train, TrainingRun run) {
    Batches batches = Batches.of(train, options.batch()).shuffled(options.seed(), run.epoch());
    int accumulate = options.optimizer().accumulate();
    model.train();
    if (run.batch() == 0) {
      metrics.reset();
      norms.start(GradientNorms.Sums.NONE);
    }
    run.startEpoch();
    phases.startEpoch();
    try (BatchPass pass = steps.open(batches, run.batch())) {
      while (pass.hasNext()) {
        int done = run.batch();
        boolean timed = phases.wantsSample(done, batches.batchCount());
        long start = System.nanoTime();
        Batch batch = pass.next();
        phases.addData(start, batch.size());
        int windowStart = done / accumulate * accumulate;
        int windowEnd = Math.min(windowStart + accumulate, batches.batchCount());
        if (accumulate == 1) {
          steps.run(train, batch, timed);
          captures.tell(false, this::notice);
        } else {
          if (done == windowStart) {
            optimizer.random().restart();
          }
          long first = (long) windowStart * options.batch();
          long window = Math.min((long) windowEnd * options.batch(), train.size()) - first;
          microBatch(train, batch, (double) batch.size() * accumulate / window, timed);
          if (done + 1 == windowEnd) {
            phases.startOptimizer();
            optimizer.step();
            norms.add();
            norms.count();
            phases.optimizerDone(window);
          }
        }
        run.batchDone();
        if (run.clock().reportDue()) {
          report(run, batches.batchCount(), train.size());
        }
        // After the last step the epoch is finished first: its results need that step's gradients.
        if (run.batch() == windowEnd && windowEnd < batches.batchCount()) {
          if (stopping) {
            return false;
          }
          if (checkpointer.isDue()) {
            trySave(run);
          }
        }
      }
    }
    return true;
  }

  /**
   * Forward and backward pass of one of several batches that make a step. The optimizer divides by
   * their number; the weight makes that the mean over examples where they differ in size.
   */
  private void microBatch(Dataset train, Batch batch, double weight, boolean timed) {
    try (var _ = session.scope("micro-batch")) {
      long start = System.nanoTime();
      Tensor x = steps.x(train, batch);
      Tensor y = steps.y(train, batch);
      phases.addData(start, 0);
      if (timed) {
        phases.beginSample();
      }
      steps.forwardBackward(x, y, weight);
      metrics.count(batch.size());
    }
  }

  /** What to do when steps do not fit into the memory. */
  private String advice(Dataset train, Dataset validation) {
    steps.release();
    session.trimMemory();
    long before = session.memory().held();
    try {
      if (validation != null) {
        evaluate(validation);
      }
    } catch (OutOfMemoryException e) {
      return "allow more memory or use a smaller network: not even an evaluation fits";
    }
    long evaluation = session.memory().peak() - before;
    return new BatchMemory(session, model, steps, train, evaluation)
        .advice(options.batch(), options.optimizer().accumulate());
  }

  private void report(TrainingRun run, int batches, int examples) {
    optimizer.requireFinite();
    int done = run.batch();
    Clock clock = run.clock();
    clock.mark(run.epoch(), Math.min((long) done * options.batch(), examples));
    Progress progress =
        new Progress(
            run.epoch(),
            options.epochs(),
            done,
            batches,
            metrics.read(),
            clock.recentSamplesPerSecond(),
            clock.secondsLeft());
    listeners.forEach(l -> l.onProgress(progress));
  }
}
