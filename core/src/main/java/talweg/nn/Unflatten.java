package talweg.nn;

import java.util.stream.IntStream;
import talweg.error.ShapeException;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/** [batch, ...] to [batch, shape...], the opposite of {@link Flatten}. */
public final class Unflatten extends Module {
  private final Shape shape;

  /** The shape of one example, such as {@code 1, 28, 28}: channels, height, width. */
  public Unflatten(int... shape) {
    this.shape = Shape.of(shape);
    if (this.shape.size() == 0) {
      throw new ShapeException(
          "Unflatten%s: needs extents of at least 1 for every axis".formatted(this.shape));
    }
  }

  @Override
  public boolean isReplayable() {
    return true;
  }

  @Override
  protected Tensor compute(Tensor x) {
    int batch = x.shape().dim(0);
    return x.reshape(IntStream.concat(IntStream.of(batch), IntStream.of(shape.dims())).toArray());
  }

  @Override
  public String toString() {
    return "Unflatten" + shape;
  }
}
