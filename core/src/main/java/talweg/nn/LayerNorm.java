package talweg.nn;

import java.util.Arrays;
import talweg.error.ShapeException;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * Normalises over the last axes, which must have the given shape; see {@link Functional#layerNorm}.
 */
public final class LayerNorm extends Module {
  private static final double EPS = 1e-5;

  private final Shape shape;
  private final Parameter weight;
  private final Parameter bias;

  public LayerNorm(int... normalizedShape) {
    this.shape = Shape.of(normalizedShape);
    if (shape.rank() == 0 || shape.size() == 0) {
      throw new ShapeException(
          "LayerNorm%s: needs at least one axis, and no axis of extent 0".formatted(shape));
    }
    this.weight = parameter("weight", shape, Init.ones());
    this.bias = parameter("bias", shape, Init.zeros());
  }

  @Override
  public boolean isReplayable() {
    return true;
  }

  @Override
  protected Tensor compute(Tensor x) {
    int[] dims = x.shape().dims();
    int rank = shape.rank();
    if (dims.length < rank
        || !Arrays.equals(
            Arrays.copyOfRange(dims, dims.length - rank, dims.length), shape.dims())) {
      throw new ShapeException(
          "layer_norm: expected [..., %s], got %s".formatted(shape, x.shape()));
    }
    return Functional.layerNorm(x, rank, weight.value(), bias.value(), EPS);
  }

  @Override
  public String toString() {
    return "LayerNorm" + shape;
  }
}
