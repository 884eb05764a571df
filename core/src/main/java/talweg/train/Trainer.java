package talweg.train;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import talweg.data.Batch;
import talweg.data.Batches;
import talweg.data.Dataset;
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
public final class Trainer {
  /** Seconds between two progress reports, each of which waits for the device. */
  private static final double REPORT_INTERVAL = 0.1;

  private static final int EVALUATION_BATCH = 1024;

  private final Session session;
  private final Module model;
  private final DType dtype;
  private final Objective objective;
  private final Optimizer optimizer;
  private final TrainerOptions options;
  private final Metrics metrics;
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
    this.steps = new TrainingSteps(model, dtype, objective, this.optimizer, metrics);
  }

  /** Adds a listener. */
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

  /** What is minimised. */
  public Objective objective() {
    return objective;
  }

  /** The optimizer, for its plan and state. */
  public Optimizer optimizer() {
    return optimizer;
  }

  /**
   * Trains for all epochs.
   *
   * @param test evaluated after each epoch, or null
   * @throws talweg.error.NonFiniteException at a NaN or infinity in a gradient, unless another
   *     policy was chosen
   */
  public TrainingResult fit(Dataset train, Dataset test) {
    requireFitting(train);
    List<EpochResult> results = new ArrayList<>();
    Clock clock = new Clock(train.size(), options.epochs());
    for (int epoch = 1; epoch <= options.epochs(); epoch++) {
      clock.startEpoch();
      trainEpoch(train, epoch, clock);
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
    Feed feed = new Feed(session, dtype, data);
    boolean wasTraining = model.isTraining();
    model.eval();
    metrics.reset();
    try (var _ = session.noGrad()) {
      for (Batch batch : Batches.of(data, EVALUATION_BATCH).inOrder()) {
        try (var _ = session.scope("evaluation")) {
          Tensor prediction = model.forward(feed.x(batch));
          Tensor target = feed.y(batch);
          metrics.add(objective.loss().apply(prediction, target), prediction, target);
          metrics.count(batch.size());
        }
      }
    } finally {
      if (wasTraining) {
        model.train();
      }
    }
    return metrics.read();
  }

  private void trainEpoch(Dataset train, int epoch, Clock clock) {
    Batches batches = Batches.of(train, options.batch()).shuffled(options.seed(), epoch);
    int accumulate = options.optimizer().accumulate();
    model.train();
    metrics.reset();
    int done = 0;
    for (Batch batch : batches) {
      int windowStart = done / accumulate * accumulate;
      int windowEnd = Math.min(windowStart + accumulate, batches.batchCount());
      long first = (long) windowStart * options.batch();
      long window = Math.min((long) windowEnd * options.batch(), train.size()) - first;
      double weight = (double) batch.size() * accumulate / window;
      if (accumulate == 1) {
        steps.run(train, batch);
      } else {
        microBatch(train, batch, weight);
        if (done + 1 == windowEnd) {
          optimizer.step();
        }
      }
      done++;
      if (clock.reportDue()) {
        report(epoch, done, batches.batchCount(), train.size(), clock);
      }
    }
  }

  /**
   * Forward and backward pass of one of several batches that make a step. The optimizer divides by
   * their number; the weight makes that the mean over examples where they differ in size.
   */
  private void microBatch(Dataset train, Batch batch, double weight) {
    try (var _ = session.scope("micro-batch")) {
      Feed feed = new Feed(session, dtype, train);
      steps.forwardBackward(feed.x(batch), feed.y(batch), weight);
      metrics.count(batch.size());
    }
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

  private void requireFitting(Dataset train) {
    if (train.isClassification() != objective.classification()) {
      throw new TalwegException(
          "trainer: loss %s needs %s, but data set %s has %s"
              .formatted(
                  objective.name(),
                  objective.classification() ? "class labels" : "numeric targets",
                  train.name(),
                  train.isClassification() ? "class labels" : "numeric targets"));
    }
  }

  /** Training time, without evaluations. */
  private static final class Clock {
    private final int examples;
    private final int epochs;
    private long epochStart;
    private long lastReport;
    private double before;
    private double epochSeconds;
    private int epochsDone;

    Clock(int examples, int epochs) {
      this.examples = examples;
      this.epochs = epochs;
    }

    void startEpoch() {
      epochStart = System.nanoTime();
      lastReport = epochStart;
    }

    void endEpoch() {
      epochSeconds = (System.nanoTime() - epochStart) * 1e-9;
      before += epochSeconds;
      epochsDone++;
    }

    boolean reportDue() {
      long now = System.nanoTime();
      if ((now - lastReport) * 1e-9 < REPORT_INTERVAL) {
        return false;
      }
      lastReport = now;
      return true;
    }

    double epochSeconds() {
      return epochSeconds;
    }

    double totalSeconds() {
      return before;
    }

    double samplesPerSecond() {
      return before == 0 ? 0 : (double) examples * epochsDone / before;
    }

    double samplesPerSecond(int epoch, long doneInEpoch) {
      double seconds = before + (System.nanoTime() - epochStart) * 1e-9;
      return ((epoch - 1.0) * examples + doneInEpoch) / seconds;
    }

    double secondsLeft(int epoch, double shareOfEpoch) {
      double seconds = before + (System.nanoTime() - epochStart) * 1e-9;
      double share = (epoch - 1 + shareOfEpoch) / epochs;
      return seconds / share - seconds;
    }
  }
}
