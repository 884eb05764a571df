package talweg.train;

import talweg.data.Dataset;
import talweg.nn.Module;
import talweg.tensor.Tensor;

/**
 * Mean loss over a data set, and the share of right answers.
 *
 * @param accuracy 0 to 1, NaN where there are no classes
 */
public record Evaluation(double loss, double accuracy) {
  /** Measures a placed model in evaluation mode. */
  public static Evaluation of(Module model, Objective objective, Dataset data) {
    objective.requireFitting(data);
    Tensor any = model.trainable().getFirst().value();
    Feed feed = new Feed(any.session(), any.dtype(), data);
    return new Metrics(any.session(), objective.classification())
        .over(model, objective, feed, data);
  }

  /** Without an accuracy where there are no classes. */
  @Override
  public String toString() {
    return Double.isNaN(accuracy)
        ? "Evaluation[loss=%s]".formatted(loss)
        : "Evaluation[loss=%s, accuracy=%s]".formatted(loss, accuracy);
  }
}
