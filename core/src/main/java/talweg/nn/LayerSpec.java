package talweg.nn;

import java.util.List;

/** One layer of a {@link NetworkSpec}, as a value. */
public sealed interface LayerSpec {
  /** The layer, without values yet. */
  Module build();

  /** A {@link talweg.nn.Linear} with bias. */
  record Linear(int in, int out) implements LayerSpec {
    @Override
    public Module build() {
      return new talweg.nn.Linear(in, out);
    }
  }

  /** A {@link talweg.nn.Activation}. */
  record Activation(talweg.nn.Activation.Kind kind) implements LayerSpec {
    @Override
    public Module build() {
      return new talweg.nn.Activation(kind);
    }
  }

  /** A {@link talweg.nn.Dropout}. */
  record Dropout(double p) implements LayerSpec {
    @Override
    public Module build() {
      return new talweg.nn.Dropout(p);
    }
  }

  /** A {@link talweg.nn.Conv2d} with a square kernel and bias. */
  record Conv2d(int in, int out, int kernel, int stride, int padding) implements LayerSpec {
    @Override
    public Module build() {
      return new talweg.nn.Conv2d(in, out, kernel, stride, padding);
    }
  }

  /** A {@link talweg.nn.MaxPool2d} whose windows do not overlap. */
  record MaxPool2d(int kernel) implements LayerSpec {
    @Override
    public Module build() {
      return new talweg.nn.MaxPool2d(kernel);
    }
  }

  /** A {@link talweg.nn.Flatten}. */
  record Flatten() implements LayerSpec {
    @Override
    public Module build() {
      return new talweg.nn.Flatten();
    }
  }

  /** A {@link talweg.nn.Unflatten}. */
  record Unflatten(List<Integer> shape) implements LayerSpec {
    public Unflatten {
      shape = List.copyOf(shape);
    }

    @Override
    public Module build() {
      return new talweg.nn.Unflatten(shape.stream().mapToInt(Integer::intValue).toArray());
    }
  }
}
