package talweg.cuda;

import static talweg.kernels.KernelSignature.Parameter.F64;
import static talweg.kernels.KernelSignature.Parameter.I32;
import static talweg.kernels.KernelSignature.Parameter.I64;
import static talweg.kernels.KernelSignature.Parameter.LAYOUT;
import static talweg.kernels.KernelSignature.Parameter.POINTER;

import java.util.Locale;
import talweg.error.BackendException;
import talweg.kernels.KernelSignature;
import talweg.op.ReduceKind;
import talweg.spi.View;
import talweg.tensor.DType;

/**
 * Sums, extremes and their positions. A group of threads makes each output; where that leaves the
 * device idle, the elements are split among blocks and a second kernel joins their results. How
 * they are split depends on the shape only, so results do not depend on the device.
 */
final class Reductions {
  private static final int THREADS = 256;

  /** Blocks that fill a large device; more are no use. */
  private static final int ENOUGH_BLOCKS = 1024;

  /** Elements of a thread below which splitting further costs more than it gains. */
  private static final int LEAST_ELEMENTS = 16;

  /** Neighbouring outputs of a block: a warp loads 128 bytes in a row. */
  private static final int ACROSS = 32;

  /** The same where there are too few elements to fill the device: 32 bytes in a row. */
  private static final int ACROSS_FEW = 8;

  private static final int FEW_ELEMENTS = 1 << 18;

  private static final int PARTIAL_BYTES = 16;

  private static final KernelSignature SUM = pass("sum_pass");
  private static final KernelSignature SUM_FINISH = finish("sum_finish");
  private static final KernelSignature EXTREME = pass("extreme_pass");
  private static final KernelSignature EXTREME_FINISH = finish("extreme_finish");
  private static final KernelSignature POSITION = pass("position_pass");
  private static final KernelSignature POSITION_FINISH = finish("position_finish");

  private final Device device;

  /** The outputs' axes: out, in. */
  private final Layout kept = new Layout();

  /** The others: in. Along a single axis the kernels count in 64 bits. */
  private final Layout reduced = new Layout(Long.MAX_VALUE);

  Reductions(Device device) {
    this.device = device;
  }

  private static KernelSignature pass(String name) {
    return KernelSignature.of(
        name, I32, F64, POINTER, POINTER, POINTER, LAYOUT, LAYOUT, I64, I32, I32);
  }

  private static KernelSignature finish(String name) {
    return KernelSignature.of(name, I32, F64, POINTER, POINTER, LAYOUT, I32, I32);
  }

  void run(ReduceKind kind, View in, View out) {
    split(kind, in, out);
    Plan plan = plan();
    KernelSignature pass = kind.isSum() ? SUM : kind.isIndex() ? POSITION : EXTREME;
    KernelSignature finish =
        kind.isSum() ? SUM_FINISH : kind.isIndex() ? POSITION_FINISH : EXTREME_FINISH;
    int largest = kind == ReduceKind.MAX || kind == ReduceKind.ARGMAX ? 1 : 0;
    double divisor = kind == ReduceKind.MEAN ? reduced.size() : 1;
    DType dtype = in.dtype();
    long partials =
        plan.parts == 1
            ? 0
            : device.scratch(Device.Scratch.REDUCTION, kept.size() * plan.parts * PARTIAL_BYTES);
    while (kept.next()) {
      device
          .kernels()
          .launch(pass, dtype, plan.blocks, THREADS)
          .grid(plan.parts, 1)
          .i32(largest)
          .f64(divisor)
          .pointer(kept.address(1))
          .pointer(kept.address(0))
          .pointer(partials)
          .layout(kept.segment())
          .layout(reduced.segment())
          .i64(reduced.size())
          .i32(plan.lanes)
          .i32(plan.across ? 1 : 0)
          .run();
      if (plan.parts > 1) {
        int lanes = ceilPowerOfTwo(Math.min(plan.parts, THREADS));
        device
            .kernels()
            .launch(finish, dtype, Math.ceilDiv(kept.size(), THREADS / lanes), THREADS)
            .i32(largest)
            .f64(divisor)
            .pointer(partials)
            .pointer(kept.address(0))
            .layout(kept.segment())
            .i32(plan.parts)
            .i32(lanes)
            .run();
      }
    }
  }

  /** Sorts the axes into those that are kept and those that are reduced. */
  private void split(ReduceKind kind, View in, View out) {
    kept.begin(out, in);
    reduced.begin(in);
    for (int axis = 0; axis < in.rank(); axis++) {
      int extent = in.dims()[axis];
      if (out.dims()[axis] == extent) {
        kept.axis(extent, axis);
      } else {
        reduced.axis(extent, axis);
      }
    }
    kept.end();
    reduced.end();
    if (!reduced.isWhole()) {
      throw new BackendException(
          String.format(
              Locale.ROOT,
              "%s: cannot reduce %s to %s: these axes lie in memory in more than %d separate runs,"
                  + " or hold more than 2^31 elements in several; make the tensor contiguous first",
              kind,
              in,
              out.shape(),
              Layout.MAX_RANK));
    }
  }

  /**
   * How the work is shared out.
   *
   * @param lanes threads for one output, a power of two
   * @param across whether neighbouring threads have neighbouring outputs
   * @param blocks for all outputs
   * @param parts that the elements are split into
   */
  private record Plan(int lanes, boolean across, long blocks, int parts) {}

  private Plan plan() {
    long outputs = kept.size();
    long count = reduced.size();
    boolean across =
        outputs > 1 && Math.abs(kept.innermostStride(1)) < Math.abs(reduced.innermostStride(0));
    int lanes;
    if (!across) {
      // Few elements of many outputs: a warp at most, so that other warps make other outputs.
      boolean few = count <= 1024 && outputs >= THREADS / 32;
      lanes = Math.min(few ? 32 : THREADS, ceilPowerOfTwo(count));
    } else {
      int wide = outputs * count < FEW_ELEMENTS ? ACROSS_FEW : ACROSS;
      lanes = count < 32 ? 1 : THREADS / ceilPowerOfTwo(Math.min(outputs, wide));
    }
    long blocks = Math.ceilDiv(outputs, THREADS / lanes);
    long perThread = Math.ceilDiv(count, lanes);
    long parts = Math.min(ENOUGH_BLOCKS / blocks, perThread / LEAST_ELEMENTS);
    return new Plan(lanes, across, blocks, (int) Math.max(1, parts));
  }

  private static int ceilPowerOfTwo(long n) {
    return n <= 1 ? 1 : (int) (Long.highestOneBit(n - 1) << 1);
  }
}
