package talweg.cuda;

import static talweg.kernels.KernelSignature.Parameter.I32;
import static talweg.kernels.KernelSignature.Parameter.I64;
import static talweg.kernels.KernelSignature.Parameter.POINTER;

import talweg.kernels.KernelSignature;
import talweg.op.FusedCall.Score;
import talweg.spi.View;
import talweg.tensor.DType;

/** Adds a batch's loss and right answers to running sums, in one launch. */
final class Scores {
  private static final int THREADS = 256;

  /** A warp takes rows up to this length, a block longer ones. */
  private static final int SHORT_ROW = 1024;

  private static final KernelSignature SCORE =
      KernelSignature.of(
          "score", POINTER, I64, POINTER, I32, POINTER, I64, I32, POINTER, POINTER, I32);

  private final Device device;
  private final BlockCounter tally;

  Scores(Device device) {
    this.device = device;
    this.tally = new BlockCounter(device);
  }

  void run(Score call) {
    View prediction = call.prediction();
    View classes = call.classes();
    boolean rows = prediction != null;
    int width = rows ? prediction.dims()[1] : 0;
    boolean isLong = width > SHORT_ROW;
    long blocks = rows ? Math.ceilDiv(call.examples(), isLong ? 1 : THREADS / 32) : 1;
    long counter = tally.address();
    device
        .kernels()
        .launch(SCORE, call.meanLoss().dtype(), Math.max(1, blocks), THREADS)
        .pointer(call.meanLoss())
        .i64(call.examples())
        .pointer(prediction)
        .i32(width)
        .pointer(classes)
        .i64(rows ? classes.strides()[0] : 0)
        .i32(rows && classes.dtype() == DType.I64 ? 1 : 0)
        .pointer(call.sums())
        .pointer(counter)
        .i32(isLong ? 1 : 0)
        .run();
  }

  void release() {
    tally.release();
  }
}
