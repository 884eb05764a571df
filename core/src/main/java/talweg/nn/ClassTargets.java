package talweg.nn;

import talweg.check.OperandTypes;
import talweg.error.ShapeException;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/** Checks of a loss's scores [batch, classes, ...] and the classes that they are compared with. */
final class ClassTargets {
  private ClassTargets() {}

  /**
   * Refuses targets that are neither class indices [batch, ...] nor, where the loss takes them,
   * probabilities of the scores' shape.
   *
   * @param name of the scores, for the message
   */
  static void require(
      String loss, String name, Tensor scores, Tensor target, boolean takesProbabilities) {
    if (scores.rank() < 2) {
      throw new ShapeException(
          "%s: expected %s [batch, classes, ...], got %s".formatted(loss, name, scores.shape()));
    }
    OperandTypes.arithmetic(loss, name, scores);
    Shape indices = scores.shape().reduced(new int[] {1}, false);
    if (target.dtype().isIndex()) {
      requireIndices(loss, name, scores, indices, target);
    } else if (takesProbabilities && target.shape().equals(scores.shape())) {
      OperandTypes.same(loss, "target", target, name, scores);
    } else if (target.shape().equals(indices)) {
      OperandTypes.index(loss, "target", target);
    } else {
      String expected = "class indices I32" + indices;
      if (takesProbabilities) {
        expected += " or probabilities " + scores.dtype() + scores.shape();
      }
      throw new ShapeException(
          "%s: expected a target of %s for %s %s, got %s; cast class indices with target.to(DType.I32)"
              .formatted(loss, expected, name, scores.shape(), target));
    }
  }

  private static void requireIndices(
      String loss, String name, Tensor scores, Shape indices, Tensor target) {
    if (target.shape().equals(indices)) {
      return;
    }
    String advice = "";
    if (target.size() == indices.size()) {
      String dims = indices.toString();
      advice =
          "; drop the extra axis with target.reshape(%s)"
              .formatted(dims.substring(1, dims.length() - 1));
    } else if (target.shape().equals(scores.shape())) {
      advice = "; turn one-hot rows into indices with target.to(DType.F32).argmax(1)";
    }
    throw new ShapeException(
        "%s: expected class indices of shape %s for %s %s, got %s%s"
            .formatted(loss, indices, name, scores.shape(), target, advice));
  }
}
