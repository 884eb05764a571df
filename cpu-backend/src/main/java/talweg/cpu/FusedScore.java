package talweg.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import talweg.op.FusedCall.Score;
import talweg.op.ReduceKind;
import talweg.spi.View;

/** Adds a batch's loss and right answers to running sums; the workers share the rows. */
final class FusedScore {
  private final Workers workers;
  private final Workspace[] spaces;

  FusedScore(Workers workers, Workspace[] spaces) {
    this.workers = workers;
    this.spaces = spaces;
  }

  void run(Score call) {
    double[] sums = (double[]) CpuBuffer.array(call.sums());
    int at = CpuBuffer.offset(call.sums());
    sums[at] += call.examples() * number(call.meanLoss());
    if (call.prediction() != null) {
      sums[at + 1] += right(call.prediction(), call.classes());
    }
  }

  private static double number(View scalar) {
    int at = CpuBuffer.offset(scalar);
    return CpuBuffer.array(scalar) instanceof float[] floats
        ? floats[at]
        : ((double[]) CpuBuffer.array(scalar))[at];
  }

  private int right(View prediction, View classes) {
    int rows = prediction.dims()[0];
    int share = DoubleRows.rowsOfChunk(Elementwise.CHUNK, prediction.dims()[1]);
    // Counts add up to the same in any order.
    AtomicInteger right = new AtomicInteger();
    workers.run(
        Math.ceilDiv(rows, share),
        (chunk, worker) -> {
          int end = Math.min(rows, (chunk + 1) * share);
          int found = 0;
          for (int i = chunk * share; i < end; i++) {
            found += position(spaces[worker], prediction, i) == Integers.load(classes, i) ? 1 : 0;
          }
          right.addAndGet(found);
        });
    return right.get();
  }

  private static int position(Workspace space, View prediction, int i) {
    int n = prediction.dims()[1];
    int from = CpuBuffer.offset(prediction) + i * n;
    return space
        .kernels(prediction)
        .position(ReduceKind.ARGMAX, CpuBuffer.array(prediction), from, 1, n);
  }
}
