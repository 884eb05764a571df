package talweg.train;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import talweg.data.Batch;
import talweg.data.BatchPass;
import talweg.data.Batches;
import talweg.data.Dataset;
import talweg.error.OutOfMemoryException;
import talweg.error.TalwegException;
import talweg.nn.Module;
import talweg.nn.Parameter;
import talweg.optim.Optimizer;
import talweg.optim.OptimizerSpec;
import talweg.optim.ParameterGroup;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/**
 * Mini-batch training: epochs over shuffled batches, evaluation, metrics, listeners. The same seed
 * gives the same weights, bit for bit, on one backend.
 *
 * <pre>{@code
 * Trainer trainer = new Trainer(model, Objective.crossEntropy(), Optimizers.adamW(1e-3), TrainerOptions.of(20, 32));
 * TrainingResult result = trainer.fit(split.train(), split.test());
 * }</pre>
 */
public final class Trainer implements Training {
  private final Session session;
  private final Module model;
  private final DType dtype;
  private final Objective objective;
  private final Optimizer optimizer;
  private final TrainerOptions options;
  private final Metrics metrics;
  private final PhaseClock phases;
  private final TrainingSteps steps;
  private final List<TrainingListener> listeners = new ArrayList<>();
  private ToDoubleFunction<Evaluation> metric = Evaluation::loss;

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
    List<Parameter> trainable = model.trainable();
    if (trainable.isEmpty()) {
      throw new TalwegException("trainer: the model has no trainable parameter");
    }
    this.model = model;
    this.objective = objective;
    this.options = options;
    this.optimizer = Optimizer.bind(groups, options.optimizer());
    Tensor any = trainable.getFirst().value();
    this.session = any.session().seed(options.seed());
    this.dtype = any.dtype();
    this.metrics = new Metrics(session, objective.classification());
    this.phases = new PhaseClock(session);
    this.steps = new TrainingSteps(model, dtype, objective, this.optimizer, metrics, phases);
  }

  @Override
  public Trainer listen(TrainingListener listener) {
    listeners.add(listener);
    return this;
  }

  /**
   * Chooses what is reported after each epoch to a schedule such as {@link
   * talweg.optim.schedule.Plateau}: a figure of the test data, or of the training data without
   * them. The loss, if nothing else is chosen.
   */
  public Trainer monitor(ToDoubleFunction<Evaluation> metric) {
    this.metric = metric;
    return this;
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
   * Trains for all epochs.
   *
   * @param test evaluated after each epoch, or null
   * @throws talweg.error.NonFiniteException at a NaN or infinity in a gradient, unless another
   *     policy was chosen
   */
  @Override
  public TrainingResult fit(Dataset train, Dataset test) {
    objective.requireFitting(train);
    List<EpochResult> results = new ArrayList<>();
    Clock clock = new Clock(train.size(), options.epochs());
    for (int epoch = 1; epoch <= options.epochs(); epoch++) {
      clock.startEpoch();
      try {
        trainEpoch(train, epoch, clock);
      } catch (OutOfMemoryException e) {
        throw e.advising(advice(train, test));
      }
      Evaluation mean = metrics.read();
      optimizer.requireFinite();
      clock.endEpoch();
      Evaluation tested = test == null ? null : evaluate(test);
      optimizer.report(metric.applyAsDouble(tested == null ? mean : tested));
      EpochResult result =
          new EpochResult(
              epoch,
              optimizer.appliedSteps(),
              mean,
              tested,
              optimizer.learningRate(),
              optimizer.gradientNorm(),
              clock.epochSeconds(),
              train.size() / clock.epochSeconds());
      results.add(result);
      Phases parts = phases.phases();
      if (parts != null) {
        listeners.forEach(l -> l.onPhases(parts));
      }
      listeners.forEach(l -> l.onEpoch(result));
    }
    return new TrainingResult(
        List.copyOf(results),
        optimizer.appliedSteps(),
        clock.totalSeconds(),
        clock.samplesPerSecond());
  }

  /** Mean loss and accuracy in evaluation mode. */
  public Evaluation evaluate(Dataset data) {
    return metrics.over(model, objective, new Feed(session, dtype, data), data);
  }

  private void trainEpoch(Dataset train, int epoch, Clock clock) {
    Batches batches = Batches.of(train, options.batch()).shuffled(options.seed(), epoch);
    int accumulate = options.optimizer().accumulate();
    model.train();
    metrics.reset();
    phases.startEpoch();
    int done = 0;
    try (BatchPass pass = batches.open(0)) {
      while (pass.hasNext()) {
        boolean timed = phases.wantsSample(done, batches.batchCount());
        long start = System.nanoTime();
        Batch batch = pass.next();
        phases.addData(start);
        phases.countExamples(batch.size());
        int windowStart = done / accumulate * accumulate;
        int windowEnd = Math.min(windowStart + accumulate, batches.batchCount());
        long first = (long) windowStart * options.batch();
        long window = Math.min((long) windowEnd * options.batch(), train.size()) - first;
        double weight = (double) batch.size() * accumulate / window;
        if (accumulate == 1) {
          steps.run(train, batch, timed);
        } else {
          microBatch(train, batch, weight, timed);
          if (done + 1 == windowEnd) {
            phases.startOptimizer();
            optimizer.step();
            phases.optimizerDone(window);
          }
        }
        done++;
        if (clock.reportDue()) {
          report(epoch, done, batches.batchCount(), train.size(), clock);
        }
      }
    }
  }

  /**
   * Forward and backward pass of one of several batches that make a step. The optimizer divides by
   * their number; the weight makes that the mean over examples where they differ in size.
   */
  private void microBatch(Dataset train, Batch batch, double weight, boolean timed) {
    try (var _ = session.scope("micro-batch")) {
      long start = System.nanoTime();
      Feed feed = new Feed(session, dtype, train);
      Tensor x = feed.x(batch);
      Tensor y = feed.y(batch);
      phases.addData(start);
      if (timed) {
        phases.beginSample();
      }
      steps.forwardBackward(x, y, weight);
      metrics.count(batch.size());
    }
  }

  /** What to do when steps do not fit into the memory. */
  private String advice(Dataset train, Dataset test) {
    steps.release();
    session.trimMemory();
    long before = session.memory().held();
    try {
      if (test != null) {
        evaluate(test);
      }
    } catch (OutOfMemoryException e) {
      return "allow more memory or use a smaller network: not even an evaluation fits";
    }
    long evaluation = session.memory().peak() - before;
    int batch = options.batch();
    int fits = new BatchMemory(session, model, steps, train, evaluation).largest(batch);
    if (fits == 0) {
      return "allow more memory or use a smaller network: not even a batch of one example fits";
    }
    int parts = Math.ceilDiv(batch * options.optimizer().accumulate(), fits);
    return "the largest batch that fits is about %,d instead of %,d (--batch %d); with --accumulate %d, a step is still made of about as many examples"
        .formatted(fits, batch, fits, parts);
  }

  private void report(int epoch, int done, int batches, int examples, Clock clock) {
    optimizer.requireFinite();
    Progress progress =
        new Progress(
            epoch,
            options.epochs(),
            done,
            batches,
            metrics.read(),
            clock.samplesPerSecond(epoch, Math.min((long) done * options.batch(), examples)),
            clock.secondsLeft(epoch, (double) done / batches));
    listeners.forEach(l -> l.onProgress(progress));
  }
}
