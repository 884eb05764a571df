package talweg.cpu;

import talweg.op.FusedCall.LayerNorm;
import talweg.op.FusedCall.LayerNormBackward;

/** Layer norm in one pass over the rows, which the workers share. */
final class FusedLayerNorm {
  private final Workers workers;
  private final DoubleRows[] rows;

  FusedLayerNorm(Workers workers, DoubleRows[] rows) {
    this.workers = workers;
    this.rows = rows;
  }

  void run(LayerNorm call) {
    int count = call.x().dims()[0];
    int n = call.x().dims()[1];
    int share = DoubleRows.rowsOfChunk(Elementwise.CHUNK, n);
    workers.run(
        Math.ceilDiv(count, share),
        (chunk, worker) -> {
          int end = Math.min(count, (chunk + 1) * share);
          forward(rows[worker], call, chunk * share, end, n);
        });
  }

  private static void forward(DoubleRows rows, LayerNorm call, int from, int to, int n) {
    double[] weight = rows.load(1, call.weight(), 0, n);
    double[] bias = rows.load(2, call.bias(), 0, n);
    for (int i = from; i < to; i++) {
      double[] row = rows.load(0, call.x(), i * n, n);
      normalise(row, n, call.eps());
      for (int j = 0; j < n; j++) {
        row[j] = row[j] * weight[j] + bias[j];
      }
      rows.store(row, 0, call.out(), i * n, n);
    }
  }

  void run(LayerNormBackward call) {
    int count = call.x().dims()[0];
    int n = call.x().dims()[1];
    int share = DoubleRows.rowsOfChunk(Elementwise.CHUNK, n);
    double[][] sums = new double[Math.ceilDiv(count, share)][2 * n];
    workers.run(
        sums.length,
        (chunk, worker) -> {
          int end = Math.min(count, (chunk + 1) * share);
          backward(rows[worker], call, chunk * share, end, n, sums[chunk]);
        });
    // The parts are added in their order, whoever computed them.
    double[] total = new double[2 * n];
    for (double[] part : sums) {
      for (int j = 0; j < 2 * n; j++) {
        total[j] += part[j];
      }
    }
    rows[0].store(total, 0, call.dWeight(), 0, n);
    rows[0].store(total, n, call.dBias(), 0, n);
  }

  private static void backward(
      DoubleRows rows, LayerNormBackward call, int from, int to, int n, double[] sums) {
    double[] weight = rows.load(2, call.weight(), 0, n);
    for (int i = from; i < to; i++) {
      double[] row = rows.load(0, call.x(), i * n, n);
      double[] g = rows.load(1, call.g(), i * n, n);
      double scale = normalise(row, n, call.eps());
      gradient(row, g, weight, sums, n, scale);
      rows.store(row, 0, call.dx(), i * n, n);
    }
  }

  /** Replaces the normalised row by its input's gradient, and adds to the parameters' gradients. */
  private static void gradient(
      double[] row, double[] g, double[] weight, double[] sums, int n, double scale) {
    double mean = 0;
    double slope = 0;
    for (int j = 0; j < n; j++) {
      sums[j] += g[j] * row[j];
      sums[n + j] += g[j];
      double d = g[j] * weight[j];
      mean += d;
      slope += d * row[j];
    }
    mean /= n;
    slope /= n;
    for (int j = 0; j < n; j++) {
      row[j] = (g[j] * weight[j] - mean - row[j] * slope) * scale;
    }
  }

  /** Brings a row to mean 0 and variance 1; returns 1 / sqrt(variance + eps). */
  private static double normalise(double[] row, int n, double eps) {
    double mean = 0;
    for (int j = 0; j < n; j++) {
      mean += row[j];
    }
    mean /= n;
    double variance = 0;
    for (int j = 0; j < n; j++) {
      row[j] -= mean;
      variance += row[j] * row[j];
    }
    double scale = 1 / Math.sqrt(variance / n + eps);
    for (int j = 0; j < n; j++) {
      row[j] *= scale;
    }
    return scale;
  }
}
