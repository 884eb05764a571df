package talweg.cpu;

import java.util.Arrays;
import talweg.op.FusedCall.BatchNorm;
import talweg.op.FusedCall.BatchNormBackward;
import talweg.spi.View;

/**
 * Batch norm on [batch, channels, positions]. Workers share the channels; the elements of a share's
 * channels lie side by side in each example, so that memory is read in long runs also where there
 * is one position only.
 */
final class FusedBatchNorm {
  private final Workers workers;
  private final DoubleRows[] rows;

  FusedBatchNorm(Workers workers, DoubleRows[] rows) {
    this.workers = workers;
    this.rows = rows;
  }

  /** The channels {@code from..to} of a tensor, one example after the other. */
  private record Share(DoubleRows rows, int batch, int channels, int positions, int from, int to) {
    int width() {
      return (to - from) * positions;
    }

    double count() {
      return (double) batch * positions;
    }

    int at(int example) {
      return (example * channels + from) * positions;
    }

    /** One example's run of the share. */
    double[] load(int slot, View view, int example) {
      return rows.load(slot, view, at(example), width());
    }
  }

  /** Work on a share of the channels. */
  private interface Body {
    void run(Share share);
  }

  private void shareChannels(View x, Body body) {
    int[] dims = x.dims();
    int each = DoubleRows.rowsOfChunk(Elementwise.CHUNK, dims[0] * dims[2]);
    workers.run(
        Math.ceilDiv(dims[1], each),
        (chunk, worker) -> {
          int end = Math.min(dims[1], (chunk + 1) * each);
          body.run(new Share(rows[worker], dims[0], dims[1], dims[2], chunk * each, end));
        });
  }

  void run(BatchNorm call) {
    shareChannels(
        call.x(),
        share -> {
          measure(share, call.x(), call.statistics());
          normalise(share, call);
        });
  }

  /** Mean, then the mean square around it, which loses no digits to a large mean. */
  private static void measure(Share share, View x, View statistics) {
    int channels = share.to - share.from;
    double[] mean = new double[channels];
    for (int i = 0; i < share.batch; i++) {
      double[] row = share.load(0, x, i);
      for (int c = 0, j = 0; c < channels; c++) {
        for (int end = j + share.positions; j < end; j++) {
          mean[c] += row[j];
        }
      }
    }
    for (int c = 0; c < channels; c++) {
      mean[c] /= share.count();
    }
    double[] variance = new double[channels];
    for (int i = 0; i < share.batch; i++) {
      double[] row = share.load(0, x, i);
      for (int c = 0, j = 0; c < channels; c++) {
        for (int end = j + share.positions; j < end; j++) {
          double centred = row[j] - mean[c];
          variance[c] += centred * centred;
        }
      }
    }
    for (int c = 0; c < channels; c++) {
      variance[c] /= share.count();
    }
    share.rows.store(mean, 0, statistics, share.from, channels);
    share.rows.store(variance, 0, statistics, share.channels + share.from, channels);
  }

  private static void normalise(Share share, BatchNorm call) {
    double[] mean = copy(share, call.statistics(), 0);
    double[] scale = scales(share, call.statistics(), call.eps());
    double[] weight = copy(share, call.weight(), 0);
    double[] bias = copy(share, call.bias(), 0);
    for (int i = 0; i < share.batch; i++) {
      double[] row = share.load(0, call.x(), i);
      for (int c = 0, j = 0; c < scale.length; c++) {
        for (int end = j + share.positions; j < end; j++) {
          row[j] = (row[j] - mean[c]) * scale[c] * weight[c] + bias[c];
        }
      }
      share.rows.store(row, 0, call.out(), share.at(i), share.width());
    }
  }

  void run(BatchNormBackward call) {
    shareChannels(
        call.x(),
        share -> {
          int channels = share.to - share.from;
          double[] slopes = new double[channels];
          double[] sums = new double[channels];
          sumGradients(share, call, slopes, sums);
          share.rows.store(slopes, 0, call.dWeight(), share.from, channels);
          share.rows.store(sums, 0, call.dBias(), share.from, channels);
          gradient(share, call, slopes, sums);
        });
  }

  /** Sums of g n and of g, with n the normalised input. */
  private static void sumGradients(
      Share share, BatchNormBackward call, double[] slopes, double[] sums) {
    double[] mean = copy(share, call.statistics(), 0);
    double[] scale = scales(share, call.statistics(), call.eps());
    for (int i = 0; i < share.batch; i++) {
      double[] row = share.load(0, call.x(), i);
      double[] g = share.load(1, call.g(), i);
      for (int c = 0, j = 0; c < scale.length; c++) {
        for (int end = j + share.positions; j < end; j++) {
          slopes[c] += g[j] * ((row[j] - mean[c]) * scale[c]);
          sums[c] += g[j];
        }
      }
    }
  }

  private static void gradient(
      Share share, BatchNormBackward call, double[] slopes, double[] sums) {
    double[] mean = copy(share, call.statistics(), 0);
    double[] scale = scales(share, call.statistics(), call.eps());
    double[] weight = copy(share, call.weight(), 0);
    double count = share.count();
    for (int i = 0; i < share.batch; i++) {
      double[] row = share.load(0, call.x(), i);
      double[] g = share.load(1, call.g(), i);
      for (int c = 0, j = 0; c < scale.length; c++) {
        for (int end = j + share.positions; j < end; j++) {
          double normal = (row[j] - mean[c]) * scale[c];
          double centred = g[j] - sums[c] / count - normal * (slopes[c] / count);
          row[j] = weight[c] * scale[c] * centred;
        }
      }
      share.rows.store(row, 0, call.dx(), share.at(i), share.width());
    }
  }

  /** 1 / sqrt(variance + eps) of each channel. */
  private static double[] scales(Share share, View statistics, double eps) {
    double[] scale = copy(share, statistics, share.channels);
    for (int c = 0; c < scale.length; c++) {
      scale[c] = 1 / Math.sqrt(scale[c] + eps);
    }
    return scale;
  }

  /** One value for each channel of the share. */
  private static double[] copy(Share share, View values, int from) {
    int channels = share.to - share.from;
    return Arrays.copyOf(share.rows.load(2, values, from + share.from, channels), channels);
  }
}
