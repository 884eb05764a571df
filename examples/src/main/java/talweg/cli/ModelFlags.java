package talweg.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Option;
import talweg.data.Dataset;
import talweg.nn.Activation;
import talweg.nn.LayerSpec;
import talweg.nn.NetworkSpec;

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

  /** The kinds of networks. */
  enum Family {
    /** Dense layers only. */
    MLP,
    /** Convolutions and pooling in front of the dense layers, for images. */
    CNN
  }

  /** Channels of the convolutions, after each of which pooling halves the image. */
  private static final int[] CHANNELS = {16, 32};

  @Option(
      names = "--model",
      paramLabel = "KIND",
      defaultValue = "mlp",
      description =
          "mlp (dense layers) or cnn (convolutions before them, for images). Default:"
              + " ${DEFAULT-VALUE}.")
  private Family family;

  @Option(
      names = "--hidden",
      paramLabel = "N[,N..]",
      hideParamSyntax = true,
      split = ",",
      description =
          "Widths of the hidden dense layers; 0 for none. Default: 120 for a cnn, 512,256 for"
              + " digits, else 128,64.")
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
          "Share of hidden dense activations to drop in training. Default: 0.4 for digits, else"
              + " 0.")
  private Double dropout;

  /** For methods that need a loss without random parts: no dropout by default, and none else. */
  void withoutDropout() {
    if (dropout != null && dropout > 0) {
      throw new UsageException(
          "--dropout: --optimizer lbfgs searches along lines and needs a loss without random parts;"
              + " leave --dropout out");
    }
    dropout = 0.0;
  }

  /**
   * Layers from the data's features to its classes or targets.
   *
   * @param recipe what to use for flags that were not given
   */
  NetworkSpec network(Dataset data, Recipe recipe) {
    Activation.Kind kind = activationKind();
    double drop = dropout == null ? recipe.dropout : dropout;
    if (!(drop >= 0 && drop < 1)) {
      throw new UsageException("--dropout: expected a number in [0, 1), got " + drop);
    }
    List<LayerSpec> layers = new ArrayList<>();
    int in = data.featureCount();
    if (family == Family.CNN) {
      in = convolutions(layers, kind, data);
    }
    if (family == Family.CNN || data.featureShape().length > 1) {
      layers.add(new LayerSpec.Flatten());
    }
    for (int width : widths(recipe)) {
      layers.add(new LayerSpec.Linear(in, width));
      layers.add(new LayerSpec.Activation(kind));
      if (drop > 0) {
        layers.add(new LayerSpec.Dropout(drop));
      }
      in = width;
    }
    layers.add(new LayerSpec.Linear(in, data.outputs()));
    return new NetworkSpec(layers);
  }

  /**
   * In the manner of LeNet-5 (LeCun et al. 1998), but padded, so that small images do not vanish.
   *
   * @return number of features of what they give
   */
  private static int convolutions(List<LayerSpec> layers, Activation.Kind kind, Dataset data) {
    int[] shape = imageShape(data);
    if (data.featureShape().length == 2) {
      layers.add(new LayerSpec.Unflatten(Arrays.stream(shape).boxed().toList()));
    }
    int channels = shape[0];
    int height = shape[1];
    int width = shape[2];
    for (int out : CHANNELS) {
      layers.add(new LayerSpec.Conv2d(channels, out, 3, 1, 1));
      layers.add(new LayerSpec.Activation(kind));
      layers.add(new LayerSpec.MaxPool2d(2));
      channels = out;
      height /= 2;
      width /= 2;
    }
    return channels * height * width;
  }

  /** Channels, height and width of the data's images. */
  private static int[] imageShape(Dataset data) {
    int[] shape = data.featureShape();
    if (shape.length < 2 || shape.length > 3) {
      throw new UsageException(
          "--model cnn: needs images, that is examples of shape [height, width] or [channels, height, width], got %s; use --data digits, --data idx:DIR or --model mlp"
              .formatted(Arrays.toString(shape)));
    }
    int[] image = shape.length == 3 ? shape : new int[] {1, shape[0], shape[1]};
    int least = 1 << CHANNELS.length;
    if (image[1] < least || image[2] < least) {
      throw new UsageException(
          "--model cnn: needs images of at least %dx%d, got %dx%d; use --model mlp"
              .formatted(least, least, image[1], image[2]));
    }
    return image;
  }

  private List<Integer> widths(Recipe recipe) {
    if (hidden == null) {
      return family == Family.CNN ? List.of(120) : recipe.hidden;
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
