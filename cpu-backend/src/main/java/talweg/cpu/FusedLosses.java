package talweg.cpu;

import java.util.Arrays;
import java.util.Locale;
import talweg.error.ShapeException;
import talweg.op.FusedCall.SoftmaxCrossEntropy;
import talweg.op.FusedCall.SoftmaxCrossEntropyBackward;
import talweg.spi.View;
import talweg.tensor.Shape;

/** Softmax and cross entropy in one pass over the rows of logits, which the workers share. */
final class FusedLosses {
  private final Workers workers;
  private final DoubleRows[] rows;

  FusedLosses(Workers workers, DoubleRows[] rows) {
    this.workers = workers;
    this.rows = rows;
  }

  void run(SoftmaxCrossEntropy call) {
    View losses = call.losses();
    if (losses.rank() > 0) {
      int stride = (int) losses.strides()[0];
      forEachRow(
          call.logits(),
          (worker, i) -> store(rows[worker], loss(rows[worker], call, i), losses, i * stride));
      return;
    }
    double[] all = new double[call.logits().dims()[0]];
    forEachRow(call.logits(), (worker, i) -> all[i] = loss(rows[worker], call, i));
    store(rows[0], Arrays.stream(all).sum() / all.length, losses, 0);
  }

  private static void store(DoubleRows rows, double loss, View losses, int at) {
    double[] one = rows.array(1, 1);
    one[0] = loss;
    rows.store(one, 0, losses, at, 1);
  }

  private static double loss(DoubleRows rows, SoftmaxCrossEntropy call, int i) {
    int classes = call.logits().dims()[1];
    int target = target(call.classes(), i, classes);
    double[] row = rows.load(0, call.logits(), i * classes, classes);
    double logSum = logSumExp(row, classes);
    double mean = 0;
    for (int c = 0; c < classes; c++) {
      mean += row[c];
    }
    mean /= classes;
    double smoothing = call.smoothing();
    // With log softmax = x - logSum, the uniform part of the target needs the mean logit only.
    return logSum - (1 - smoothing) * row[target] - (smoothing == 0 ? 0 : smoothing * mean);
  }

  void run(SoftmaxCrossEntropyBackward call) {
    int count = call.logits().dims()[0];
    boolean isMean = call.g().rank() == 0;
    View g = isMean ? call.g().expand(Shape.of(count)) : call.g();
    double scale = isMean ? 1.0 / count : 1;
    forEachRow(
        call.logits(),
        (worker, i) -> gradient(rows[worker], call, i, scale * rows[worker].load(g, i)));
  }

  private static void gradient(DoubleRows rows, SoftmaxCrossEntropyBackward call, int i, double g) {
    int classes = call.logits().dims()[1];
    int target = target(call.classes(), i, classes);
    double uniform = call.smoothing() / classes;
    double[] row = rows.load(0, call.logits(), i * classes, classes);
    double logSum = logSumExp(row, classes);
    for (int c = 0; c < classes; c++) {
      double wanted = (c == target ? 1 - call.smoothing() : 0) + uniform;
      row[c] = g * (Math.exp(row[c] - logSum) - wanted);
    }
    rows.store(row, 0, call.dLogits(), i * classes, classes);
  }

  /** Work on one row. */
  private interface Row {
    void run(int worker, int i);
  }

  private void forEachRow(View logits, Row row) {
    int count = logits.dims()[0];
    int share = DoubleRows.rowsOfChunk(Elementwise.FUNCTION_CHUNK, logits.dims()[1]);
    workers.run(
        Math.ceilDiv(count, share),
        (chunk, worker) -> {
          int end = Math.min(count, (chunk + 1) * share);
          for (int i = chunk * share; i < end; i++) {
            row.run(worker, i);
          }
        });
  }

  /** Shifted by the maximum, but for an infinite one, which would give NaN. */
  private static double logSumExp(double[] row, int n) {
    double max = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < n; c++) {
      max = Math.max(max, row[c]);
    }
    double shift = Double.isInfinite(max) ? 0 : max;
    double sum = 0;
    for (int c = 0; c < n; c++) {
      sum += Math.exp(row[c] - shift);
    }
    return Math.log(sum) + shift;
  }

  private static int target(View classes, int i, int count) {
    long target = Integers.load(classes, i);
    if (target < 0 || target >= count) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "cross_entropy: class %d at row %d is out of range; expected 0..%d",
              target,
              i,
              count - 1));
    }
    return (int) target;
  }
}
