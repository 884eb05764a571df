package talweg.cpu;

import java.util.Arrays;
import java.util.function.IntFunction;
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

  private final Workers workers;
  private final Scratch[] scratch;

  FusedUpdates(Workers workers) {
    this.workers = workers;
    this.scratch = new Scratch[workers.count()];
    Arrays.setAll(scratch, i -> new Scratch(MAX_BUFFERS));
  }

  /** Runs on {@code from..to} of arrays that are indexed alike. */
  private interface Body {
    void run(Object[] arrays, int from, int to);
  }

  void run(UpdateKernels<Object> kernels, AdamStep call) {
    Update update = call.update();
    View constants = call.constants();
    View[] flat = {update.params(), update.grads(), call.m(), call.v(), call.vMax()};
    onSegments(
        update,
        flat,
        new IntFunction<Body>() {
          private int group = -1;
          private double step;
          private Body body;

          /** Most segments share group and step, and so the factors, whose powers take long. */
          @Override
          public Body apply(int s) {
            int g = column(update.segments(), s, Segment.GROUP);
            double t = advance(update, s);
            if (g != group || t != step) {
              group = g;
              step = t;
              AdamFactors factors = adamFactors(update, constants, g, t);
              body = (a, from, to) -> kernels.adam(factors, a[0], a[1], a[2], a[3], a[4], from, to);
            }
            return body;
          }
        });
  }

  void run(UpdateKernels<Object> kernels, SgdStep call) {
    Update update = call.update();
    View[] flat = {update.params(), update.grads(), call.buffer()};
    onSegments(
        update,
        flat,
        s -> {
          int group = column(update.segments(), s, Segment.GROUP);
          SgdFactors factors = sgdFactors(update, call.constants(), group, advance(update, s));
          return (a, from, to) -> kernels.sgd(factors, a[0], a[1], a[2], from, to);
        });
  }

  void run(UpdateKernels<Object> kernels, MeasureGradients call) {
    double[] squares = sumsOfSquares(kernels, call);
    double total = 0;
    int bad = 0;
    for (int s = 0; s < squares.length; s++) {
      total += squares[s];
      bad = bad == 0 && !Double.isFinite(squares[s]) ? s + 1 : bad;
    }
    double norm = Math.sqrt(total) * call.average();
    // Math.min passes a NaN norm on.
    double clip =
        call.maxNorm() == Double.POSITIVE_INFINITY
            ? 1
            : Math.min(1, call.maxNorm() / (norm + 1e-6));
    decide(call, norm, call.average() * clip, bad);
  }

  /** Of each segment with a gradient; pieces are summed by the workers and added in their order. */
  private double[] sumsOfSquares(UpdateKernels<Object> kernels, MeasureGradients call) {
    SegmentChunks chunks = new SegmentChunks(Elementwise.CHUNK);
    double[] sums = new double[segments(call.segments())];
    for (int s = 0; s < sums.length; s++) {
      if (hasGradient(call.segments(), s)) {
        int offset = column(call.segments(), s, Segment.OFFSET);
        chunks.add(s, offset, column(call.segments(), s, Segment.LENGTH));
      }
    }
    Object grads = CpuBuffer.array(call.grads());
    int base = CpuBuffer.offset(call.grads());
    double[] parts = new double[chunks.pieces()];
    workers.run(
        chunks.count(),
        (chunk, _) ->
            chunks.forEach(
                chunk,
                (piece, _, from, to) ->
                    parts[piece] = kernels.sumOfSquares(grads, base + from, to - from)));
    for (int piece = 0; piece < parts.length; piece++) {
      sums[chunks.segment(piece)] += parts[piece];
    }
    return sums;
  }

  /** Writes the decision to the step state; {@code bad} is 1 + the first bad segment, or 0. */
  private static void decide(MeasureGradients call, double norm, double scale, int bad) {
    double[] state = (double[]) CpuBuffer.array(call.state());
    View view = call.state();
    boolean write =
        switch (call.policy()) {
          case PROPAGATE -> true;
          case SKIP -> bad == 0;
          case FAIL -> {
            boolean stopped = value(view, StepState.BAD_SEGMENT) > 0;
            if (!stopped && bad > 0) {
              state[at(view, StepState.BAD_SEGMENT)] = bad;
              state[at(view, StepState.BAD_STEP)] = value(view, StepState.ATTEMPTED);
            }
            yield !stopped && bad == 0;
          }
        };
    state[at(view, StepState.WRITE)] = write ? 1 : 0;
    state[at(view, StepState.GRAD_NORM)] = norm;
    state[at(view, StepState.GRAD_SCALE)] = scale;
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
   * Runs on the segments with a gradient of flat buffers, the second of which is only read; they
   * may be null. Shares the elements among the workers, whether they are in one segment or in a
   * thousand.
   *
   * @param body makes what is done on a segment; called once for each
   */
  private void onSegments(Update update, View[] flat, IntFunction<Body> body) {
    if (isSkipped(update)) {
      return;
    }
    SegmentChunks chunks = new SegmentChunks(Elementwise.CHUNK);
    Body[] bodies = new Body[segments(update.segments())];
    for (int s = 0; s < bodies.length; s++) {
      if (hasGradient(update.segments(), s)) {
        bodies[s] = body.apply(s);
        int offset = column(update.segments(), s, Segment.OFFSET);
        chunks.add(s, offset, column(update.segments(), s, Segment.LENGTH));
      }
    }
    Object[] arrays = new Object[MAX_BUFFERS];
    boolean aligned = true;
    for (int k = 0; k < flat.length; k++) {
      if (flat[k] != null) {
        arrays[k] = CpuBuffer.array(flat[k]);
        aligned &= flat[k].offset() == flat[0].offset();
      }
    }
    int base = CpuBuffer.offset(flat[0]);
    boolean direct = aligned;
    workers.run(
        chunks.count(),
        (chunk, worker) ->
            chunks.forEach(
                chunk,
                (_, segment, from, to) -> {
                  if (direct) {
                    bodies[segment].run(arrays, base + from, base + to);
                  } else {
                    inBlocks(scratch[worker], from, to - from, bodies[segment], arrays, flat);
                  }
                }));
  }

  /**
   * Kernels index all buffers alike: buffers that begin at different offsets go through scratch
   * memory.
   */
  private static void inBlocks(
      Scratch scratch, int offset, int length, Body body, Object[] arrays, View... flat) {
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
