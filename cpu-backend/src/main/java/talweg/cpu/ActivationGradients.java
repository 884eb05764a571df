package talweg.cpu;

import talweg.op.FusedActivation;
import talweg.spi.View;

/** {@code out = g * activation'}, with the derivative taken from the activation's result y. */
final class ActivationGradients {
  private ActivationGradients() {}

  static void apply(FusedActivation activation, View y, View g, View out) {
    int yo = CpuBuffer.offset(y);
    int go = CpuBuffer.offset(g);
    int oo = CpuBuffer.offset(out);
    int n = (int) out.size();
    if (activation == FusedActivation.NONE) {
      System.arraycopy(CpuBuffer.array(g), go, CpuBuffer.array(out), oo, n);
    } else if (CpuBuffer.array(out) instanceof float[] target) {
      apply(
          activation,
          (float[]) CpuBuffer.array(y),
          yo,
          (float[]) CpuBuffer.array(g),
          go,
          target,
          oo,
          n);
    } else {
      apply(
          activation,
          (double[]) CpuBuffer.array(y),
          yo,
          (double[]) CpuBuffer.array(g),
          go,
          (double[]) CpuBuffer.array(out),
          oo,
          n);
    }
  }

  private static void apply(
      FusedActivation activation,
      float[] y,
      int yo,
      float[] g,
      int go,
      float[] out,
      int oo,
      int n) {
    switch (activation) {
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

  private static void apply(
      FusedActivation activation,
      double[] y,
      int yo,
      double[] g,
      int go,
      double[] out,
      int oo,
      int n) {
    switch (activation) {
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
