package talweg.cuda;

import static talweg.kernels.KernelSignature.Parameter.F64;
import static talweg.kernels.KernelSignature.Parameter.I32;
import static talweg.kernels.KernelSignature.Parameter.I64;
import static talweg.kernels.KernelSignature.Parameter.POINTER;

import talweg.kernels.KernelSignature;
import talweg.op.FusedCall.Score;
import talweg.op.FusedCall.SoftmaxCrossEntropy;
import talweg.op.FusedCall.SoftmaxCrossEntropyBackward;
import talweg.spi.View;
import talweg.tensor.DType;

/** Cross entropy, forward and backward, and what a batch scores: one launch each. */
final class FusedLosses {
  private static final KernelSignature CROSS_ENTROPY =
      KernelSignature.of(
          "cross_entropy",
          POINTER,
          POINTER,
          I64,
          I32,
          POINTER,
          I64,
          I32,
          F64,
          POINTER,
          I64,
          POINTER,
          POINTER,
          I32);
  private static final KernelSignature CROSS_ENTROPY_BACK =
      KernelSignature.of(
          "cross_entropy_back",
          POINTER,
          POINTER,
          I64,
          I32,
          POINTER,
          I64,
          I32,
          F64,
          POINTER,
          I64,
          F64,
          POINTER,
          I32);
  private static final KernelSignature SCORE =
      KernelSignature.of(
          "score", POINTER, I64, POINTER, I32, POINTER, I64, I32, POINTER, POINTER, I32);

  private final Device device;
  private final IndexFaults faults;

  /** By which the last block of a launch finds that it is the last. */
  private final BlockCounter counter;

  FusedLosses(Device device, IndexFaults faults) {
    this.device = device;
    this.faults = faults;
    this.counter = new BlockCounter(device);
  }

  void run(SoftmaxCrossEntropy call) {
    View logits = call.logits();
    View losses = call.losses();
    boolean isMean = losses.rank() == 0;
    if (logits.dims()[0] == 0 && !isMean) {
      return;
    }
    long note = faults.address();
    long ticket = isMean ? counter.address() : 0;
    RowTeams teams = RowTeams.of(logits);
    long parts = isMean ? device.scratch(Device.Scratch.LAYERS, Double.BYTES * teams.blocks()) : 0;
    device
        .kernels()
        .launch(CROSS_ENTROPY, logits.dtype(), teams.blocks(), RowTeams.THREADS)
        .pointer(logits)
        .pointer(call.classes())
        .i64(call.classes().strides()[0])
        .i32(call.classes().dtype() == DType.I64 ? 1 : 0)
        .pointer(note)
        .i64(logits.dims()[0])
        .i32(logits.dims()[1])
        .f64(call.smoothing())
        .pointer(losses)
        .i64(isMean ? 0 : losses.strides()[0])
        .pointer(parts)
        .pointer(ticket)
        .i32(teams.isLong() ? 1 : 0)
        .run();
  }

  void run(SoftmaxCrossEntropyBackward call) {
    View logits = call.logits();
    int rows = logits.dims()[0];
    if (rows == 0) {
      return;
    }
    boolean isMean = call.g().rank() == 0;
    long note = faults.address();
    RowTeams teams = RowTeams.of(logits);
    device
        .kernels()
        .launch(CROSS_ENTROPY_BACK, logits.dtype(), teams.blocks(), RowTeams.THREADS)
        .pointer(logits)
        .pointer(call.classes())
        .i64(call.classes().strides()[0])
        .i32(call.classes().dtype() == DType.I64 ? 1 : 0)
        .pointer(note)
        .i64(rows)
        .i32(logits.dims()[1])
        .f64(call.smoothing())
        .pointer(call.g())
        .i64(isMean ? 0 : call.g().strides()[0])
        .f64(isMean ? 1.0 / rows : 1)
        .pointer(call.dLogits())
        .i32(teams.isLong() ? 1 : 0)
        .run();
  }

  void run(Score call) {
    View prediction = call.prediction();
    View classes = call.classes();
    boolean counts = prediction != null;
    RowTeams teams = counts ? RowTeams.of(prediction) : new RowTeams(1, false);
    long tally = counter.address();
    device
        .kernels()
        .launch(SCORE, call.meanLoss().dtype(), teams.blocks(), RowTeams.THREADS)
        .pointer(call.meanLoss())
        .i64(call.examples())
        .pointer(prediction)
        .i32(counts ? prediction.dims()[1] : 0)
        .pointer(classes)
        .i64(counts ? classes.strides()[0] : 0)
        .i32(counts && classes.dtype() == DType.I64 ? 1 : 0)
        .pointer(call.sums())
        .pointer(tally)
        .i32(teams.isLong() ? 1 : 0)
        .run();
  }

  void release() {
    counter.release();
  }
}
