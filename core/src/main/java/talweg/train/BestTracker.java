package talweg.train;

import java.util.Map;
import java.util.function.ToDoubleFunction;
import talweg.io.HostTensor;
import talweg.io.NamedTensors;
import talweg.nn.Module;
import talweg.optim.schedule.Plateau.Goal;

/** Watches a metric, remembers the best epoch, and says when to give up. */
final class BestTracker {
  private final Module model;
  private ToDoubleFunction<Evaluation> metric = Evaluation::loss;
  private Goal goal = Goal.MIN;
  private int patience;
  private BestEpoch best;

  BestTracker(Module model) {
    this.model = model;
  }

  void monitor(ToDoubleFunction<Evaluation> watched, Goal better) {
    metric = watched;
    goal = better;
  }

  void patience(int epochs) {
    if (epochs < 1) {
      throw new IllegalArgumentException(
          "early stopping: expected to bear at least 1 epoch, got " + epochs);
    }
    patience = epochs;
  }

  boolean isStoppingEarly() {
    return patience > 0;
  }

  /** The metric of an epoch: of the validation data where there are some. */
  double valueOf(Evaluation train, Evaluation validation) {
    return metric.applyAsDouble(validation == null ? train : validation);
  }

  /**
   * Takes an epoch in; copies the weights if it is the best so far, which it never is without a
   * finite figure.
   */
  void update(int epoch, double value) {
    boolean better =
        best == null || (goal == Goal.MIN ? value < best.value() : value > best.value());
    if (better && Double.isFinite(value)) {
      best = new BestEpoch(epoch, value, NamedTensors.copy(model.state()));
    }
  }

  /** Whether the metric has not become better for as many epochs as are borne. */
  boolean isOver(int epoch) {
    return patience > 0 && epoch - (best == null ? 0 : best.epoch()) >= patience;
  }

  BestEpoch best() {
    return best;
  }

  void resume(TrainingState.Best mark, Map<String, HostTensor> weights) {
    best = mark == null ? null : new BestEpoch(mark.epoch(), mark.value(), weights);
  }

  /**
   * Puts the best weights back under early stopping.
   *
   * @param last the epoch whose weights the model has
   * @return the epoch whose weights it has now
   */
  int restore(int last) {
    if (patience == 0 || best == null || best.epoch() == last) {
      return last;
    }
    NamedTensors.restore("best epoch", model.state(), best.weights());
    return best.epoch();
  }
}
