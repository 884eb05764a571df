package talweg.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import talweg.data.Dataset;
import talweg.nn.Activation;
import talweg.nn.Dropout;
import talweg.nn.Flatten;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.nn.Sequential;

/** The flags that make a network. */
final class ModelFlags {
  /** A network that suits the data. */
  enum Recipe {
    /** For the embedded digits: wide, with much dropout, as there are few examples. */
    DIGITS(List.of(512, 256), 0.4),
    /** For data that we know nothing of. */
    PLAIN(List.of(128, 64), 0);

    private final List<Integer> hidden;
    private final double dropout;

    Recipe(List<Integer> hidden, double dropout) {
      this.hidden = hidden;
      this.dropout = dropout;
    }
  }

  @Option(
      names = "--hidden",
      paramLabel = "N[,N..]",
      hideParamSyntax = true,
      split = ",",
      description =
          "Widths of the hidden layers; 0 for none. Default: 512,256 for digits, else 128,64.")
  private List<Integer> hidden;

  @Option(
      names = "--activation",
      paramLabel = "NAME",
      defaultValue = "relu",
      description =
          "relu, leaky-relu, elu, gelu, gelu-tanh, silu, softplus, tanh or sigmoid. Default:"
              + " ${DEFAULT-VALUE}.")
  private String activation;

  @Option(
      names = "--dropout",
      paramLabel = "P",
      description =
          "Share of hidden activations to drop in training. Default: 0.4 for digits, else 0.")
  private Double dropout;

  /**
   * A multilayer perceptron from the data's features to its classes or targets.
   *
   * @param recipe what to use for flags that were not given
   */
  Module build(Dataset data, Recipe recipe) {
    Activation.Kind kind = activationKind();
    double drop = dropout == null ? recipe.dropout : dropout;
    if (!(drop >= 0 && drop < 1)) {
      throw new UsageException("--dropout: expected a number in [0, 1), got " + drop);
    }
    List<Module> layers = new ArrayList<>();
    if (data.featureShape().length > 1) {
      layers.add(new Flatten());
    }
    int in = data.featureCount();
    for (int width : widths(recipe)) {
      layers.add(new Linear(in, width));
      layers.add(new Activation(kind));
      if (drop > 0) {
        layers.add(new Dropout(drop));
      }
      in = width;
    }
    layers.add(new Linear(in, data.isClassification() ? data.numClasses() : data.outputs()));
    return new Sequential(layers.toArray(Module[]::new));
  }

  private List<Integer> widths(Recipe recipe) {
    if (hidden == null) {
      return recipe.hidden;
    }
    if (hidden.equals(List.of(0))) {
      return List.of();
    }
    for (int width : hidden) {
      if (width < 1) {
        throw new UsageException(
            "--hidden: expected widths of at least 1, or a single 0, got " + hidden);
      }
    }
    return hidden;
  }

  private Activation.Kind activationKind() {
    try {
      return Activation.Kind.named(activation);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--activation: " + e.getMessage());
    }
  }
}
