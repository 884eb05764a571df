package talweg.nn;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import talweg.error.ShapeException;
import talweg.tensor.Shape;

/** Shapes of one example on its way through layers, without memory for any of it. */
final class ExampleShapes {
  private ExampleShapes() {}

  static Shape through(List<LayerSpec> layers, Shape example) {
    Shape shape = example;
    for (int i = 0; i < layers.size(); i++) {
      try {
        shape = through(layers.get(i), shape);
      } catch (ShapeException e) {
        throw new ShapeException(String.format(Locale.ROOT, "layer %d: %s", i, e.getMessage()));
      }
      if (shape.size() > Integer.MAX_VALUE) {
        throw new ShapeException(
            String.format(Locale.ROOT, "layer %d: gives %s, which is too large", i, shape));
      }
    }
    return shape;
  }

  private static Shape through(LayerSpec layer, Shape x) {
    return switch (layer) {
      case LayerSpec.Activation _, LayerSpec.Dropout _ -> x;
      case LayerSpec.Linear l -> {
        if (x.rank() == 0 || x.dim(-1) != l.in()) {
          throw takes(String.format(Locale.ROOT, "[..., %d]", l.in()), x);
        }
        yield x.with(-1, l.out());
      }
      case LayerSpec.Conv2d c -> {
        if (x.rank() != 3 || x.dim(0) != c.in()) {
          throw takes(String.format(Locale.ROOT, "[%d, height, width]", c.in()), x);
        }
        if (c.padding() >= c.kernel()) {
          throw new ShapeException(
              String.format(
                  Locale.ROOT,
                  "a padding of %d around a kernel of %d gives windows of nothing but padding",
                  c.padding(),
                  c.kernel()));
        }
        yield windows(x, c.kernel(), c.stride(), c.padding()).with(0, c.out());
      }
      case LayerSpec.MaxPool2d m -> {
        if (x.rank() != 3) {
          throw takes("[channels, height, width]", x);
        }
        yield windows(x, m.kernel(), m.kernel(), 0);
      }
      case LayerSpec.Flatten _ -> Shape.of(Math.toIntExact(x.size()));
      case LayerSpec.Unflatten u -> {
        Shape given = Shape.of(u.shape().stream().mapToInt(Integer::intValue).toArray());
        if (given.size() != x.size()) {
          throw takes("as many values as " + given + " has", x);
        }
        yield given;
      }
    };
  }

  private static Shape windows(Shape x, int kernel, int stride, int padding) {
    int[] dims = x.dims();
    for (int axis = 1; axis < dims.length; axis++) {
      long room = dims[axis] + 2L * padding - kernel;
      if (room < 0) {
        throw new ShapeException(
            String.format(
                Locale.ROOT,
                "a kernel of %d does not fit into images of %s",
                kernel,
                Arrays.toString(dims)));
      }
      dims[axis] = Math.toIntExact(room / stride + 1);
    }
    return Shape.of(dims);
  }

  private static ShapeException takes(String expected, Shape got) {
    return new ShapeException("takes %s, but gets %s".formatted(expected, got));
  }
}
