package talweg.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import talweg.data.Dataset;
import talweg.error.NonFiniteException;
import talweg.error.TalwegException;
import talweg.nn.Module;
import talweg.nn.Parameter;
import talweg.session.RandomStream;
import talweg.session.Session;
import talweg.solve.Descent;
import talweg.solve.LBFGS;
import talweg.solve.Reason;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/**
 * Training with L-BFGS on all examples at once: an epoch is one iteration, whose line search takes
 * one or a few passes over the data. For small data and networks, where it gets to the bottom of
 * the loss; noisy gradients of mini-batches would mislead it.
 *
 * <p>The loss must be a function of the weights alone. Dropout would keep one mask for the whole
 * training, which is seldom wanted: leave it out. The same seed gives the same weights, bit for
 * bit, on one backend.
 */
public final class FullBatchTrainer implements Training {
  private final Module model;
  private final Objective objective;
  private final LBFGS method;
  private final int epochs;
  private final RandomStream random;
  private final Session session;
  private final DType dtype;
  private final Metrics metrics;
  private final List<TrainingListener> listeners = new ArrayList<>();
  private volatile boolean stopping;

  /**
   * A training of a model that is placed on a session.
   *
   * @param method its stopping rule may end the training before the last epoch
   * @param epochs iterations at most
   * @param seed of random layers
   * @throws TalwegException if an optimizer trains the model
   */
  public FullBatchTrainer(Module model, Objective objective, LBFGS method, int epochs, long seed) {
    List<Parameter> trainable = model.trainable();
    if (trainable.isEmpty()) {
      throw new TalwegException("trainer: the model has no trainable parameter");
    }
    if (epochs < 0) {
      throw new IllegalArgumentException("trainer: expected epochs >= 0, got " + epochs);
    }
    this.model = model;
    this.objective = objective;
    this.method = method;
    this.epochs = epochs;
    Tensor any = trainable.getFirst().value();
    this.session = any.session();
    trainable.forEach(Parameter::requireUnclaimed);
    this.random = RandomStream.on(session);
    random.seed(seed);
    this.dtype = any.dtype();
    this.metrics = new Metrics(session, objective.classification());
  }

  @Override
  public FullBatchTrainer listen(TrainingListener listener) {
    listeners.add(listener);
    return this;
  }

  @Override
  public void stop() {
    stopping = true;
  }

  @Override
  public Objective objective() {
    return objective;
  }

  @Override
  public String explain() {
    return String.format(
        Locale.ROOT, "on all examples, by the last %d steps, with a line search", method.history());
  }

  @Override
  public TrainingResult fit(Dataset train) {
    return run(train, null);
  }

  @Override
  public TrainingResult fit(Dataset train, Dataset validation) {
    return run(train, Trainer.required(validation));
  }

  @Override
  public Evaluation evaluate(Dataset data) {
    return metrics.over(model, objective, new Feed(session, dtype, data), data);
  }

  private TrainingResult run(Dataset train, Dataset validation) {
    objective.requireFitting(train);
    Feed trainFeed = new Feed(session, dtype, train);
    FullBatchLoss loss = new FullBatchLoss(model, objective, train, trainFeed, random);
    double precision = dtype == DType.F32 ? Math.ulp(1f) : Math.ulp(1.0);
    Clock clock = new Clock(train.size(), epochs);
    RecentEpochs results = new RecentEpochs();
    Descent descent = null;
    Reason reason = null;
    for (int epoch = 1; epoch <= epochs && reason == null && !stopping; epoch++) {
      Evaluation before = metrics.over(model, objective, trainFeed, train);
      clock.startEpoch(0);
      if (descent == null) {
        descent =
            method.start(talweg.solve.Objective.of(loss::evaluate, precision), loss.weights());
      }
      reason = descent.step();
      loss.assign(descent.point());
      clock.endEpoch();
      requireFinite(reason, descent, epoch);
      EpochResult result = result(epoch, descent, before, validation, clock, train.size());
      results.add(result);
      listeners.forEach(l -> l.onEpoch(result));
    }
    return new TrainingResult(
        results.list(RecentEpochs.MOST),
        descent == null ? 0 : descent.iterations(),
        clock.totalSeconds(),
        clock.samplesPerSecond(),
        ending(results.finished(), reason),
        results.finished());
  }

  private Ending ending(int done, Reason reason) {
    boolean stopped = stopping;
    stopping = false;
    if (reason != null) {
      return Ending.CONVERGED;
    }
    return stopped && done < epochs ? Ending.STOPPED : Ending.COMPLETED;
  }

  private EpochResult result(
      int epoch,
      Descent descent,
      Evaluation before,
      Dataset validation,
      Clock clock,
      int examples) {
    return new EpochResult(
        epoch,
        descent.iterations(),
        before,
        validation == null ? null : evaluate(validation),
        descent.stepLength(),
        descent.gradientNorm(),
        clock.epochSeconds(),
        examples / clock.epochSeconds(),
        descent.gradientNorm(),
        descent.gradientNorm());
  }

  private static void requireFinite(Reason reason, Descent descent, int epoch) {
    if (reason == Reason.DIVERGED) {
      throw new NonFiniteException(
          String.format(
              Locale.ROOT,
              "epoch %d: the loss became %s with a gradient of norm %s; scale the data"
                  + " (standardise), or start from other weights, with another seed",
              epoch,
              descent.value(),
              descent.gradientNorm()));
    }
  }
}
