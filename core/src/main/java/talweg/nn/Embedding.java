package talweg.nn;

import java.util.Locale;
import talweg.error.ShapeException;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * A table of vectors, looked up by an I32 or I64 index of any shape; {@code weight} is (entries,
 * features).
 */
public final class Embedding extends Module {
  private final Parameter weight;

  public Embedding(int entries, int features) {
    if (entries < 1 || features < 1) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "Embedding(%d, %d): needs at least one entry and one feature",
              entries,
              features));
    }
    this.weight = parameter("weight", Shape.of(entries, features), Init.normal(0, 1));
  }

  @Override
  public boolean isReplayable() {
    return true;
  }

  @Override
  protected Tensor compute(Tensor index) {
    return Functional.embedding(index, weight.value());
  }

  @Override
  public String toString() {
    return "Embedding" + weight.shape();
  }
}
