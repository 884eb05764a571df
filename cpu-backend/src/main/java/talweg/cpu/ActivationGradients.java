package talweg.cpu;

import talweg.op.FusedActivation;

/**
 * {@code out = g * activation'}, with the derivative taken from the activation's result y: the
 * scalar loops.
 */
final class ActivationGradients {
  private ActivationGradients() {}

  static void apply(
      FusedActivation kind, float[] y, int yo, float[] g, int go, float[] out, int oo, int n) {
    switch (kind) {
      case NONE -> System.arraycopy(g, go, out, oo, n);
      case RELU -> {
        for (int i = 0; i < n; i++) {
          out[oo + i] = y[yo + i] > 0 ? g[go + i] : 0;
        }
      }
      case TANH -> {
        for (int i = 0; i < n; i++) {
          out[oo + i] = g[go + i] * (1 - y[yo + i] * y[yo + i]);
        }
      }
      case SIGMOID -> {
        for (int i = 0; i < n; i++) {
          out[oo + i] = g[go + i] * (y[yo + i] * (1 - y[yo + i]));
        }
      }
    }
  }

  static void apply(
      FusedActivation kind, double[] y, int yo, double[] g, int go, double[] out, int oo, int n) {
    switch (kind) {
      case NONE -> System.arraycopy(g, go, out, oo, n);
      case RELU -> {
        for (int i = 0; i < n; i++) {
          out[oo + i] = y[yo + i] > 0 ? g[go + i] : 0;
        }
      }
      case TANH -> {
        for (int i = 0; i < n; i++) {
          out[oo + i] = g[go + i] * (1 - y[yo + i] * y[yo + i]);
        }
      }
      case SIGMOID -> {
        for (int i = 0; i < n; i++) {
          out[oo + i] = g[go + i] * (y[yo + i] * (1 - y[yo + i]));
        }
      }
    }
  }
}
