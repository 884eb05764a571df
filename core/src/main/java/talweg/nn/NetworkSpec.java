package talweg.nn;

import java.util.List;
import talweg.tensor.Shape;

/**
 * A network of layers one after the other, as a value: what has to be known to build it again for
 * saved parameters.
 */
public record NetworkSpec(List<LayerSpec> layers) {
  public NetworkSpec {
    layers = List.copyOf(layers);
  }

  /**
   * The shape that one example has behind the layers, without the axis of the batch.
   *
   * @param example the shape in front of them
   * @throws talweg.error.ShapeException if a layer cannot take what it gets
   */
  public Shape outputShape(Shape example) {
    return ExampleShapes.through(layers, example);
  }

  /** The network, without values yet. */
  public Sequential build() {
    return new Sequential(layers.stream().map(LayerSpec::build).toArray(Module[]::new));
  }
}
