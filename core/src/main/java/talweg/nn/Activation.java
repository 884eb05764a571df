package talweg.nn;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import talweg.op.FusedActivation;
import talweg.tensor.Tensor;

/** An elementwise activation without parameters. */
public final class Activation extends Module {
  /** The activations by the names used on the command line. */
  public enum Kind {
    RELU {
      @Override
      Tensor of(Tensor x) {
        return x.relu();
      }
    },
    LEAKY_RELU {
      @Override
      Tensor of(Tensor x) {
        return x.leakyRelu(0.01);
      }
    },
    ELU {
      @Override
      Tensor of(Tensor x) {
        return x.elu(1);
      }
    },
    GELU {
      @Override
      Tensor of(Tensor x) {
        return x.gelu();
      }
    },
    GELU_TANH {
      @Override
      Tensor of(Tensor x) {
        return x.geluTanh();
      }
    },
    SILU {
      @Override
      Tensor of(Tensor x) {
        return x.silu();
      }
    },
    SOFTPLUS {
      @Override
      Tensor of(Tensor x) {
        return x.softplus(1, 20);
      }
    },
    TANH {
      @Override
      Tensor of(Tensor x) {
        return x.tanh();
      }
    },
    SIGMOID {
      @Override
      Tensor of(Tensor x) {
        return x.sigmoid();
      }
    };

    abstract Tensor of(Tensor x);

    /** The name in lower case with hyphens, e.g. {@code leaky-relu}. */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The activation of the given label. */
    public static Kind named(String label) {
      return Arrays.stream(values())
          .filter(kind -> kind.label().equals(label.toLowerCase(Locale.ROOT).replace('_', '-')))
          .findFirst()
          .orElseThrow(() ->
              new IllegalArgumentException(
                  "activation \"%s\" is not known; expected one of: %s"
                      .formatted(
                          label,
                          Arrays.stream(values())
                              .map(Kind::label)
                              .collect(Collectors.joining(", ")))));
    }
  }

  private final Kind kind;

  public Activation(Kind kind) {
    this.kind = kind;
  }

  /** The same activation as part of the layer before it ({@link FusesActivation}), or null. */
  FusedActivation fused() {
    return switch (kind) {
      case RELU -> FusedActivation.RELU;
      case TANH -> FusedActivation.TANH;
      case SIGMOID -> FusedActivation.SIGMOID;
      case LEAKY_RELU, ELU, GELU, GELU_TANH, SILU, SOFTPLUS -> null;
    };
  }

  @Override
  public boolean isReplayable() {
    return true;
  }

  @Override
  protected Tensor compute(Tensor x) {
    return kind.of(x);
  }

  @Override
  public String toString() {
    return kind.label();
  }
}
