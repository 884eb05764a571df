package talweg.train;

import talweg.json.JsonFields;
import talweg.nn.LayerSpec;
import talweg.nn.LayerSpec.Activation;
import talweg.nn.LayerSpec.Conv2d;
import talweg.nn.LayerSpec.Dropout;
import talweg.nn.LayerSpec.Flatten;
import talweg.nn.LayerSpec.Linear;
import talweg.nn.LayerSpec.MaxPool2d;
import talweg.nn.LayerSpec.Unflatten;
import tools.jackson.databind.node.ObjectNode;

/** Layers as JSON objects. */
final class LayerJson {
  private LayerJson() {}

  /** Writes the layer into an empty object. */
  static void write(LayerSpec layer, ObjectNode to) {
    switch (layer) {
      case Linear l -> to.put("layer", "linear").put("in", l.in()).put("out", l.out());
      case Activation a -> to.put("layer", "activation").put("kind", a.kind().label());
      case Dropout d -> to.put("layer", "dropout").put("p", d.p());
      case Conv2d c ->
          to.put("layer", "conv2d")
              .put("in", c.in())
              .put("out", c.out())
              .put("kernel", c.kernel())
              .put("stride", c.stride())
              .put("padding", c.padding());
      case MaxPool2d m -> to.put("layer", "maxpool2d").put("kernel", m.kernel());
      case Flatten _ -> to.put("layer", "flatten");
      case Unflatten u -> {
        to.put("layer", "unflatten");
        u.shape().forEach(to.putArray("shape")::add);
      }
    }
  }

  /** Reads what {@link #write} wrote; the fields are not trusted. */
  static LayerSpec read(JsonFields fields) {
    int most = Integer.MAX_VALUE;
    LayerSpec layer =
        switch (fields.text("layer")) {
          case "linear" ->
              new Linear(fields.integer("in", 1, most), fields.integer("out", 1, most));
          case "activation" -> new Activation(kind(fields));
          case "dropout" -> new Dropout(fields.share("p"));
          case "conv2d" ->
              new Conv2d(
                  fields.integer("in", 1, most),
                  fields.integer("out", 1, most),
                  fields.integer("kernel", 1, 1 << 14),
                  fields.integer("stride", 1, 1 << 14),
                  fields.integer("padding", 0, 1 << 14));
          case "maxpool2d" -> new MaxPool2d(fields.integer("kernel", 1, 1 << 14));
          case "flatten" -> new Flatten();
          case "unflatten" -> new Unflatten(fields.sizes("shape"));
          default ->
              throw fields.wrong(
                  "layer", "linear, activation, dropout, conv2d, maxpool2d, flatten or unflatten");
        };
    fields.end();
    return layer;
  }

  private static talweg.nn.Activation.Kind kind(JsonFields fields) {
    try {
      return talweg.nn.Activation.Kind.named(fields.text("kind"));
    } catch (IllegalArgumentException e) {
      throw fields.wrong("kind", "a known activation");
    }
  }
}
