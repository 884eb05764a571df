package talweg.nn;

import java.util.List;

/**
 * A network of layers one after the other, as a value: what has to be known to build it again for
 * saved parameters.
 */
public record NetworkSpec(List<LayerSpec> layers) {
  public NetworkSpec {
    layers = List.copyOf(layers);
  }

  /** The network, without values yet. */
  public Sequential build() {
    return new Sequential(layers.stream().map(LayerSpec::build).toArray(Module[]::new));
  }
}
