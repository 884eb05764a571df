package talweg.cpu;

import talweg.op.FusedCall;
import talweg.op.FusedCall.AdamConstant;
import talweg.op.FusedCall.AdamStep;
import talweg.op.FusedCall.MeasureGradients;
import talweg.op.FusedCall.Segment;
import talweg.op.FusedCall.SgdConstant;
import talweg.op.FusedCall.SgdStep;
import talweg.op.FusedCall.Update;
import talweg.spi.StepState;
import talweg.spi.View;
import talweg.tensor.DType;

/** The fused optimizer calls: reads the tables, then one kernel call for each segment. */
final class FusedUpdates {
  /** Flat buffers of an update. */
  private static final int MAX_BUFFERS = 5;

  private final Scratch scratch = new Scratch(MAX_BUFFERS);

  /** Runs on {@code from..to} of arrays that are indexed alike. */
  private interface Body {
    void run(Object[] arrays, int from, int to);
  }

  void run(UpdateKernels<Object> kernels, AdamStep call) {
    Update update = call.update();
    if (isSkipped(update)) {
      return;
    }
    View constants = call.constants();
    for (int s = 0; s < segments(update.segments()); s++) {
      if (!hasGradient(update.segments(), s)) {
        continue;
      }
      int group = column(update.segments(), s, Segment.GROUP);
      AdamFactors factors = adamFactors(update, constants, group, advance(update, s));
      Body body = (a, from, to) -> kernels.adam(factors, a[0], a[1], a[2], a[3], a[4], from, to);
      onSegment(update, s, body, update.params(), update.grads(), call.m(), call.v(), call.vMax());
    }
  }

  void run(UpdateKernels<Object> kernels, SgdStep call) {
    Update update = call.update();
    if (isSkipped(update)) {
      return;
    }
    for (int s = 0; s < segments(update.segments()); s++) {
      if (!hasGradient(update.segments(), s)) {
        continue;
      }
      int group = column(update.segments(), s, Segment.GROUP);
      SgdFactors factors = sgdFactors(update, call.constants(), group, advance(update, s));
      Body body = (a, from, to) -> kernels.sgd(factors, a[0], a[1], a[2], from, to);
      onSegment(update, s, body, update.params(), update.grads(), call.buffer());
    }
  }

  void run(UpdateKernels<Object> kernels, MeasureGradients call) {
    throw new AssertionError("temporary");
  }

  private static AdamFactors adamFactors(Update update, View constants, int group, double t) {
    double rate = rate(update, group);
    double beta1 = value(constants, group, AdamConstant.BETA1.ordinal());
    double beta2 = value(constants, group, AdamConstant.BETA2.ordinal());
    return new AdamFactors(
        value(update.state(), StepState.GRAD_SCALE),
        value(constants, group, AdamConstant.CLIP_VALUE.ordinal()),
        value(constants, group, AdamConstant.L2.ordinal()),
        beta1,
        beta2,
        1 - rate * value(constants, group, AdamConstant.DECAY.ordinal()),
        rate / (1 - Math.pow(beta1, t)),
        1 / Math.sqrt(1 - Math.pow(beta2, t)),
        value(constants, group, AdamConstant.EPS.ordinal()));
  }

  private static SgdFactors sgdFactors(Update update, View constants, int group, double t) {
    boolean first = t == 1;
    double dampening = value(constants, group, SgdConstant.DAMPENING.ordinal());
    return new SgdFactors(
        value(update.state(), StepState.GRAD_SCALE),
        value(constants, group, SgdConstant.CLIP_VALUE.ordinal()),
        value(constants, group, SgdConstant.L2.ordinal()),
        value(constants, group, SgdConstant.MOMENTUM.ordinal()),
        first ? 1 : 1 - dampening,
        value(constants, group, SgdConstant.NESTEROV.ordinal()) != 0,
        first,
        rate(update, group));
  }

  /**
   * Runs the body on a segment of flat buffers, the second of which is only read; they may be null.
   */
  private void onSegment(Update update, int s, Body body, View... flat) {
    int offset = column(update.segments(), s, Segment.OFFSET);
    int length = column(update.segments(), s, Segment.LENGTH);
    Object[] arrays = new Object[MAX_BUFFERS];
    boolean aligned = true;
    for (int k = 0; k < flat.length; k++) {
      if (flat[k] != null) {
        arrays[k] = CpuBuffer.array(flat[k]);
        aligned &= flat[k].offset() == flat[0].offset();
      }
    }
    if (aligned) {
      int from = CpuBuffer.offset(flat[0]) + offset;
      body.run(arrays, from, from + length);
    } else {
      inBlocks(offset, length, body, arrays, flat);
    }
  }

  /**
   * Kernels index all buffers alike: buffers that begin at different offsets go through scratch
   * memory.
   */
  private void inBlocks(int offset, int length, Body body, Object[] arrays, View... flat) {
    DType dtype = flat[0].dtype();
    Object[] blocks = new Object[MAX_BUFFERS];
    for (int start = offset; start < offset + length; start += Blocks.LENGTH) {
      int n = Math.min(Blocks.LENGTH, offset + length - start);
      for (int k = 0; k < flat.length; k++) {
        if (flat[k] != null) {
          blocks[k] = scratch.array(dtype, k, Blocks.LENGTH);
          System.arraycopy(arrays[k], CpuBuffer.offset(flat[k]) + start, blocks[k], 0, n);
        }
      }
      body.run(blocks, 0, n);
      for (int k = 0; k < flat.length; k++) {
        if (flat[k] != null && k != 1) {
          System.arraycopy(blocks[k], 0, arrays[k], CpuBuffer.offset(flat[k]) + start, n);
        }
      }
    }
  }

  private static boolean isSkipped(Update update) {
    return value(update.state(), StepState.WRITE) == 0;
  }

  /** Counts an update of the segment; returns how many there have been. */
  private static double advance(Update update, int segment) {
    double[] steps = (double[]) CpuBuffer.array(update.steps());
    return ++steps[at(update.steps(), segment)];
  }

  private static double rate(Update update, int group) {
    long applied = (long) value(update.state(), StepState.APPLIED);
    return value(update.rates(), group, (int) (applied % update.rates().dims()[1]));
  }

  private static int segments(View table) {
    assert table.dtype() == DType.I64 && table.dims()[1] == FusedCall.Segment.COLUMNS : table;
    return table.dims()[0];
  }

  private static boolean hasGradient(View table, int segment) {
    return column(table, segment, Segment.HAS_GRADIENT) != 0;
  }

  private static int column(View table, int segment, Segment column) {
    return Math.toIntExact(((long[]) CpuBuffer.array(table))[at(table, segment, column.ordinal())]);
  }

  private static double value(View vector, int i) {
    return ((double[]) CpuBuffer.array(vector))[at(vector, i)];
  }

  private static double value(View table, int i, int j) {
    return ((double[]) CpuBuffer.array(table))[at(table, i, j)];
  }

  private static int at(View view, int i) {
    return (int) (view.offset() + i * view.strides()[0]);
  }

  private static int at(View view, int i, int j) {
    return (int) (view.offset() + i * view.strides()[0] + j * view.strides()[1]);
  }
}
