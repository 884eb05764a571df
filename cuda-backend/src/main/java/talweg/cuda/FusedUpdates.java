package talweg.cuda;

import static talweg.kernels.KernelSignature.Parameter.F64;
import static talweg.kernels.KernelSignature.Parameter.I32;
import static talweg.kernels.KernelSignature.Parameter.I64;
import static talweg.kernels.KernelSignature.Parameter.POINTER;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import talweg.kernels.KernelSignature;
import talweg.kernels.KernelSignature.Parameter;
import talweg.op.FusedCall.AdagradStep;
import talweg.op.FusedCall.AdamStep;
import talweg.op.FusedCall.LambStep;
import talweg.op.FusedCall.MeasureGradients;
import talweg.op.FusedCall.RmsPropStep;
import talweg.op.FusedCall.SgdStep;
import talweg.op.FusedCall.Update;
import talweg.spi.View;
import talweg.tensor.DType;

/**
 * Optimizer updates of all parameters at once, and the measurement before them. A first small
 * kernel counts the step of each segment and computes its factors; the second gives each piece of a
 * segment to a block, see {@code optim/segments.cuh}. How many pieces there are at most follows
 * from the sizes alone, and which they are is found on the device: nothing is read back.
 */
final class FusedUpdates {
  private static final int THREADS = 256;

  /** Room for the factors of a segment, in elements. */
  private static final int MOST_FACTORS = 16;

  private static final KernelSignature ADAM_FACTORS = factors("adam_factors");
  private static final KernelSignature ADAM_STEP = step("adam_step", 5);
  private static final KernelSignature SGD_FACTORS = factors("sgd_factors");
  private static final KernelSignature SGD_STEP = step("sgd_step", 3);
  private static final KernelSignature RMSPROP_FACTORS = factors("rmsprop_factors");
  private static final KernelSignature RMSPROP_STEP = step("rmsprop_step", 5);
  private static final KernelSignature ADAGRAD_FACTORS = factors("adagrad_factors");
  private static final KernelSignature ADAGRAD_STEP = step("adagrad_step", 3);
  private static final KernelSignature LAMB_FACTORS = factors("lamb_factors");
  private static final KernelSignature LAMB_MOMENTS = step("lamb_moments", 5);
  private static final KernelSignature LAMB_RATIOS =
      KernelSignature.of(
          "lamb_ratios",
          POINTER,
          I64,
          I32,
          POINTER,
          I64,
          POINTER,
          POINTER,
          POINTER,
          POINTER,
          POINTER);
  private static final KernelSignature LAMB_DESCENT = step("lamb_descent", 3);
  private static final KernelSignature MEASURE =
      KernelSignature.of(
          "measure_gradients",
          POINTER,
          I64,
          I32,
          POINTER,
          POINTER,
          POINTER,
          F64,
          F64,
          F64,
          I32,
          POINTER);

  private final Device device;

  /** By which the last block of a measurement finds that it is the last. */
  private final BlockCounter ticket;

  FusedUpdates(Device device) {
    this.device = device;
    this.ticket = new BlockCounter(device);
  }

  private static KernelSignature factors(String name) {
    return KernelSignature.of(name, POINTER, I64, POINTER, POINTER, I64, POINTER, POINTER, POINTER);
  }

  /** A kernel on pieces with so many buffers behind the factors. */
  private static KernelSignature step(String name, int buffers) {
    List<Parameter> parameters = new ArrayList<>(List.of(POINTER, I64, I32, POINTER, POINTER));
    parameters.addAll(Collections.nCopies(buffers, POINTER));
    return new KernelSignature(name, parameters);
  }

  void run(AdamStep call) {
    long factors = factors(ADAM_FACTORS, call.update(), call.constants());
    step(ADAM_STEP, call.update(), factors, call.m(), call.v(), call.vMax());
  }

  void run(SgdStep call) {
    long factors = factors(SGD_FACTORS, call.update(), call.constants());
    step(SGD_STEP, call.update(), factors, call.buffer());
  }

  void run(RmsPropStep call) {
    long factors = factors(RMSPROP_FACTORS, call.update(), call.constants());
    step(RMSPROP_STEP, call.update(), factors, call.squares(), call.means(), call.buffer());
  }

  void run(AdagradStep call) {
    long factors = factors(ADAGRAD_FACTORS, call.update(), call.constants());
    step(ADAGRAD_STEP, call.update(), factors, call.sums());
  }

  /** Updates each segment's count and computes its factors; returns where they are. */
  private long factors(KernelSignature kernel, Update update, View constants) {
    assert constants.isContiguous() && update.steps().isContiguous() : update;
    assert update.rates().isContiguous() && update.state().isContiguous() : update;
    View params = update.params();
    int segments = update.segments().dims()[0];
    long factors = scratch(update);
    device
        .kernels()
        .launch(kernel, params.dtype(), Math.ceilDiv(segments, THREADS), THREADS)
        .pointer(update.segments())
        .i64(segments)
        .pointer(update.steps())
        .pointer(update.rates())
        .i64(update.rates().dims()[1])
        .pointer(update.state())
        .pointer(constants)
        .pointer(factors)
        .run();
    return factors;
  }

  private void step(KernelSignature kernel, Update update, long factors, View... states) {
    View params = update.params();
    Launch launch =
        pieces(kernel, params, update).pointer(factors).pointer(params).pointer(update.grads());
    for (View state : states) {
      launch.pointer(state);
    }
    launch.run();
  }

  private Launch pieces(KernelSignature kernel, View flat, Update update) {
    Cut cut = Cut.of(flat, update.segments());
    return device
        .kernels()
        .launch(kernel, flat.dtype(), cut.pieces(), THREADS)
        .pointer(update.segments())
        .i64(cut.segments())
        .i32(cut.bits())
        .pointer(update.state());
  }

  void run(LambStep call) {
    Update update = call.update();
    View params = update.params();
    long factors = factors(LAMB_FACTORS, update, call.constants());
    long squares = factors + factorBytes(update);
    pieces(LAMB_MOMENTS, params, update)
        .pointer(factors)
        .pointer(params)
        .pointer(update.grads())
        .pointer(call.m())
        .pointer(call.v())
        .pointer(squares)
        .run();
    ratios(call, squares, factors);
    pieces(LAMB_DESCENT, params, update)
        .pointer(factors)
        .pointer(params)
        .pointer(call.m())
        .pointer(call.v())
        .run();
  }

  private void ratios(LambStep call, long squares, long factors) {
    Update update = call.update();
    assert call.ratios().isContiguous() : call;
    Cut cut = Cut.of(update.params(), update.segments());
    device
        .kernels()
        .launch(LAMB_RATIOS, update.params().dtype(), cut.segments(), THREADS)
        .pointer(update.segments())
        .i64(cut.segments())
        .i32(cut.bits())
        .pointer(update.rates())
        .i64(update.rates().dims()[1])
        .pointer(update.state())
        .pointer(call.constants())
        .pointer(squares)
        .pointer(call.ratios())
        .pointer(factors)
        .run();
  }

  void run(MeasureGradients call) {
    View grads = call.grads();
    Cut cut = Cut.of(grads, call.segments());
    long squares = device.scratch(Device.Scratch.MEASURE, cut.pieces() * Double.BYTES);
    long ticketAddress = ticket.address();
    device
        .kernels()
        .launch(MEASURE, grads.dtype(), cut.pieces(), THREADS)
        .pointer(call.segments())
        .i64(cut.segments())
        .i32(cut.bits())
        .pointer(grads)
        .pointer(squares)
        .pointer(ticketAddress)
        .f64(call.average())
        .f64(call.maxNorm())
        .f64(call.eps())
        .i32(call.policy().ordinal())
        .pointer(call.state())
        .run();
  }

  void release() {
    ticket.release();
  }

  /** Factors of all segments, and behind them two sums of each piece. */
  private long scratch(Update update) {
    Cut cut = Cut.of(update.params(), update.segments());
    return device.scratch(
        Device.Scratch.UPDATE, factorBytes(update) + 2 * Double.BYTES * cut.pieces());
  }

  private static long factorBytes(Update update) {
    return (long) update.segments().dims()[0] * MOST_FACTORS * update.params().dtype().bytes();
  }

  /**
   * How flat buffers are cut into pieces.
   *
   * @param bits logarithm of a chunk's length
   * @param pieces bound on their number, which is the number of blocks
   */
  private record Cut(int segments, int bits, long pieces) {
    /** Short chunks where there are few, so that all multiprocessors have work. */
    static Cut of(View flat, View segments) {
      assert flat.isContiguous() && segments.isContiguous() && segments.dtype() == DType.I64;
      long n = flat.size();
      int bits = n <= 1 << 20 ? 10 : n <= 1 << 23 ? 11 : 13;
      int count = segments.dims()[0];
      return new Cut(count, bits, Math.ceilDiv(n, 1L << bits) + count);
    }
  }
}
