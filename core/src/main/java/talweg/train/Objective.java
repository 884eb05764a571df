package talweg.train;

import java.util.Locale;
import java.util.function.BinaryOperator;
import talweg.check.Require;
import talweg.data.Dataset;
import talweg.error.TalwegException;
import talweg.nn.Losses;
import talweg.nn.Reduction;
import talweg.tensor.Tensor;

/**
 * What training minimises: a loss of (prediction, target), averaged over the batch.
 *
 * @param name as on the command line
 * @param classification whether targets are class indices and the accuracy is reported
 * @param replayable whether the loss asks the device for the same work at each call, given operands
 *     of one shape, so that a trainer may record and replay it; see {@link
 *     talweg.nn.Module#isReplayable}
 */
public record Objective(
    String name, boolean classification, BinaryOperator<Tensor> loss, boolean replayable) {
  /** A loss of which nothing is known; steps with it are not captured. */
  public Objective(String name, boolean classification, BinaryOperator<Tensor> loss) {
    this(name, classification, loss, false);
  }

  /** The same loss, declared to be replayable. */
  public Objective asReplayable() {
    return new Objective(name, classification, loss, true);
  }

  /** Cross entropy of logits against class indices. */
  public static Objective crossEntropy() {
    return ours("cross-entropy", true, Losses::crossEntropy);
  }

  /** Mean squared error. */
  public static Objective mse() {
    return ours("mse", false, (x, y) -> Losses.mse(x, y, Reduction.MEAN));
  }

  /** Mean absolute error. */
  public static Objective l1() {
    return ours("l1", false, (x, y) -> Losses.l1(x, y, Reduction.MEAN));
  }

  /** Huber's loss with threshold 1. */
  public static Objective huber() {
    return ours("huber", false, (x, y) -> Losses.huber(x, y, 1, Reduction.MEAN));
  }

  private static Objective ours(String name, boolean classification, BinaryOperator<Tensor> loss) {
    return new Objective(name, classification, loss, true);
  }

  /**
   * The usual objective for a data set: cross entropy for classes, mean squared error for numbers.
   */
  public static Objective of(Dataset data) {
    return data.isClassification() ? crossEntropy() : mse();
  }

  /** The objective of the given name. */
  public static Objective named(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "cross-entropy" -> crossEntropy();
      case "mse" -> mse();
      case "l1" -> l1();
      case "huber" -> huber();
      default ->
          throw new IllegalArgumentException(
              "loss \"%s\" is not known; expected one of: cross-entropy, mse, l1, huber"
                  .formatted(name));
    };
  }

  /** Refuses data whose targets the loss cannot take. */
  void requireFitting(Dataset data) {
    Require.given("trainer", "data set", data);
    if (data.isClassification() != classification) {
      throw new TalwegException(
          "trainer: loss %s needs %s, but data set %s has %s"
              .formatted(
                  name,
                  classification ? "class labels" : "numeric targets",
                  data.name(),
                  data.isClassification() ? "class labels" : "numeric targets"));
    }
  }
}
