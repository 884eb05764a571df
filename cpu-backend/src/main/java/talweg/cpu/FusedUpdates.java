package talweg.cpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import talweg.op.FusedCall.AdagradConstant;
import talweg.op.FusedCall.AdagradStep;
import talweg.op.FusedCall.AdamConstant;
import talweg.op.FusedCall.AdamStep;
import talweg.op.FusedCall.LambConstant;
import talweg.op.FusedCall.LambStep;
import talweg.op.FusedCall.RmsPropConstant;
import talweg.op.FusedCall.RmsPropStep;
import talweg.op.FusedCall.Segment;
import talweg.op.FusedCall.SgdConstant;
import talweg.op.FusedCall.SgdStep;
import talweg.op.FusedCall.Update;
import talweg.spi.View;

/**
 * The fused optimizer calls: reads the tables, then one kernel call for each piece of a segment.
 */
final class FusedUpdates {
  /**
   * Elements up to which LAMB's direction is kept for the second pass: in the caches that takes
   * less than another root and division.
   */
  static final int MOST_KEPT = 1 << 21;

  private final SegmentLoop loop;
  private final long mostKept;
  private CpuBuffer direction;

  /**
   * Updates by this loop.
   *
   * @param mostKept elements up to which LAMB's direction is kept
   */
  FusedUpdates(SegmentLoop loop, long mostKept) {
    this.loop = loop;
    this.mostKept = mostKept;
  }

  /** The factors of a segment's update number {@code step}. */
  @FunctionalInterface
  private interface Factors<F> {
    F of(int group, double step);
  }

  /** Updates {@code from..to} of arrays that are indexed alike: weights, gradients, states. */
  @FunctionalInterface
  private interface Kernel<F> {
    void run(F factors, Object[] a, int from, int to);
  }

  void run(UpdateKernels<Object> kernels, AdamStep call) {
    Update update = call.update();
    update(
        update,
        (group, t) -> adamFactors(update, call.constants(), group, t),
        (f, a, from, to) -> kernels.adam(f, a[0], a[1], a[2], a[3], a[4], from, to),
        call.m(),
        call.v(),
        call.vMax());
  }

  void run(UpdateKernels<Object> kernels, SgdStep call) {
    Update update = call.update();
    update(
        update,
        (group, t) -> sgdFactors(update, call.constants(), group, t),
        (f, a, from, to) -> kernels.sgd(f, a[0], a[1], a[2], from, to),
        call.buffer());
  }

  void run(UpdateKernels<Object> kernels, RmsPropStep call) {
    Update update = call.update();
    update(
        update,
        (group, _) -> rmsPropFactors(update, call.constants(), group),
        (f, a, from, to) -> kernels.rmsProp(f, a[0], a[1], a[2], a[3], a[4], from, to),
        call.squares(),
        call.means(),
        call.buffer());
  }

  void run(UpdateKernels<Object> kernels, AdagradStep call) {
    Update update = call.update();
    update(
        update,
        (group, t) -> adagradFactors(update, call.constants(), group, t),
        (f, a, from, to) -> kernels.adagrad(f, a[0], a[1], a[2], from, to),
        call.sums());
  }

  private <F> void update(Update update, Factors<F> factors, Kernel<F> kernel, View... states) {
    if (!Tables.isSkipped(update)) {
      descend(update, factors, kernel, states);
    }
    Tables.endStep(update);
  }

  private <F> void descend(Update update, Factors<F> factors, Kernel<F> kernel, View... states) {
    List<F> all = advance(update, factors);
    View[] flat = new View[2 + states.length];
    flat[0] = update.params();
    flat[1] = update.grads();
    System.arraycopy(states, 0, flat, 2, states.length);
    boolean[] written = new boolean[flat.length];
    Arrays.fill(written, true);
    written[1] = false;
    loop.run(
        update.segments(),
        flat,
        written,
        (_, s, arrays, from, to) -> kernel.run(all.get(s), arrays, from, to));
  }

  void run(UpdateKernels<Object> kernels, LambStep call) {
    if (!Tables.isSkipped(call.update())) {
      descend(kernels, call);
    }
    Tables.endStep(call.update());
  }

  private void descend(UpdateKernels<Object> kernels, LambStep call) {
    Update update = call.update();
    List<LambFactors> factors =
        advance(update, (group, t) -> lambFactors(update, call.constants(), group, t));
    View[] flat = {update.params(), update.grads(), call.m(), call.v(), kept(update.params())};
    SegmentChunks chunks = loop.chunks(update.segments());
    double[] squares = new double[2 * chunks.pieces()];
    loop.run(
        update.segments(),
        flat,
        new boolean[] {false, false, true, true, true},
        (piece, s, a, from, to) ->
            kernels.lambMoments(
                factors.get(s), a[0], a[1], a[2], a[3], a[4], from, to, squares, 2 * piece));
    double[] steps = lambSteps(call, chunks, squares);
    loop.run(
        update.segments(),
        flat,
        new boolean[] {true, false, false, false, false},
        (_, s, a, from, to) ->
            kernels.lambDescend(factors.get(s), steps[s], a[0], a[2], a[3], a[4], from, to));
  }

  /** Room for LAMB's direction between the passes, or null where it is computed twice. */
  private View kept(View params) {
    if (params.size() > mostKept) {
      return null;
    }
    long length = params.offset() + params.size();
    if (direction == null || direction.dtype() != params.dtype() || direction.length() < length) {
      direction = CpuBuffer.allocate(params.dtype(), length);
    }
    return new View(direction, params.offset(), params.shape(), params.strides());
  }

  /** Rate times trust ratio of each segment; sums of pieces are added in their order. */
  private static double[] lambSteps(LambStep call, SegmentChunks chunks, double[] squares) {
    Update update = call.update();
    int segments = Tables.segments(update.segments());
    double[] weights = new double[segments];
    double[] directions = new double[segments];
    for (int piece = 0; piece < chunks.pieces(); piece++) {
      weights[chunks.segment(piece)] += squares[2 * piece];
      directions[chunks.segment(piece)] += squares[2 * piece + 1];
    }
    double[] steps = new double[segments];
    double[] ratios = (double[]) CpuBuffer.array(call.ratios());
    for (int s = 0; s < segments; s++) {
      if (Tables.hasGradient(update.segments(), s)) {
        int group = Tables.column(update.segments(), s, Segment.GROUP);
        double ratio = trustRatio(call.constants(), group, weights[s], directions[s]);
        ratios[Tables.at(call.ratios(), s)] = ratio;
        steps[s] = Tables.rate(update, group) * ratio;
      }
    }
    return steps;
  }

  /** From the sums of squares of the weights and of the direction. */
  private static double trustRatio(View constants, int group, double weights, double directions) {
    boolean trusted = Tables.value(constants, group, LambConstant.TRUST) != 0;
    if (!trusted || weights == 0 || directions == 0) {
      return 1;
    }
    double least = Tables.value(constants, group, LambConstant.LEAST_NORM);
    double largest = Tables.value(constants, group, LambConstant.LARGEST_NORM);
    double norm = Math.min(Math.max(Math.sqrt(weights), least), largest);
    return norm / Math.sqrt(directions);
  }

  /**
   * Counts the update of each segment with a gradient and computes its factors; a segment without
   * one has any. Most segments share group and step with the one before, and so the factors, whose
   * powers take long.
   */
  private static <F> List<F> advance(Update update, Factors<F> factors) {
    View segments = update.segments();
    // Straight on the arrays: what this takes of a thousand segments, the other threads wait for.
    long[] table = (long[]) CpuBuffer.array(segments);
    double[] steps = (double[]) CpuBuffer.array(update.steps());
    int count = Tables.segments(segments);
    List<F> all = new ArrayList<>(count);
    int group = -1;
    double step = 0;
    F last = null;
    for (int s = 0; s < count; s++) {
      int row = CpuBuffer.offset(segments) + s * Segment.COLUMNS;
      if (table[row + Segment.HAS_GRADIENT.ordinal()] != 0) {
        int g = (int) table[row + Segment.GROUP.ordinal()];
        double t = ++steps[Tables.at(update.steps(), s)];
        if (g != group || t != step) {
          group = g;
          step = t;
          last = factors.of(g, t);
        }
      }
      all.add(last);
    }
    return all;
  }

  private static AdamFactors adamFactors(Update update, View constants, int group, double t) {
    double rate = Tables.rate(update, group);
    double beta1 = Tables.value(constants, group, AdamConstant.BETA1);
    double beta2 = Tables.value(constants, group, AdamConstant.BETA2);
    return new AdamFactors(
        Tables.gradScale(update),
        Tables.value(constants, group, AdamConstant.CLIP_VALUE),
        Tables.value(constants, group, AdamConstant.L2),
        beta1,
        beta2,
        1 - rate * Tables.value(constants, group, AdamConstant.DECAY),
        rate / (1 - Math.pow(beta1, t)),
        1 / Math.sqrt(1 - Math.pow(beta2, t)),
        Tables.value(constants, group, AdamConstant.EPS));
  }

  private static SgdFactors sgdFactors(Update update, View constants, int group, double t) {
    boolean first = t == 1;
    double dampening = Tables.value(constants, group, SgdConstant.DAMPENING);
    return new SgdFactors(
        Tables.gradScale(update),
        Tables.value(constants, group, SgdConstant.CLIP_VALUE),
        Tables.value(constants, group, SgdConstant.L2),
        Tables.value(constants, group, SgdConstant.MOMENTUM),
        first ? 1 : 1 - dampening,
        Tables.value(constants, group, SgdConstant.NESTEROV) != 0,
        first,
        Tables.rate(update, group));
  }

  private static RmsPropFactors rmsPropFactors(Update update, View constants, int group) {
    return new RmsPropFactors(
        Tables.gradScale(update),
        Tables.value(constants, group, RmsPropConstant.CLIP_VALUE),
        Tables.value(constants, group, RmsPropConstant.L2),
        Tables.value(constants, group, RmsPropConstant.ALPHA),
        Tables.value(constants, group, RmsPropConstant.EPS),
        Tables.value(constants, group, RmsPropConstant.MOMENTUM),
        Tables.rate(update, group));
  }

  private static AdagradFactors adagradFactors(Update update, View constants, int group, double t) {
    double slowing = 1 + (t - 1) * Tables.value(constants, group, AdagradConstant.RATE_DECAY);
    return new AdagradFactors(
        Tables.gradScale(update),
        Tables.value(constants, group, AdagradConstant.CLIP_VALUE),
        Tables.value(constants, group, AdagradConstant.L2),
        Tables.value(constants, group, AdagradConstant.EPS),
        Tables.rate(update, group) / slowing);
  }

  private static LambFactors lambFactors(Update update, View constants, int group, double t) {
    double beta1 = Tables.value(constants, group, LambConstant.BETA1);
    double beta2 = Tables.value(constants, group, LambConstant.BETA2);
    boolean corrected = Tables.value(constants, group, LambConstant.BIAS_CORRECTION) != 0;
    return new LambFactors(
        Tables.gradScale(update),
        Tables.value(constants, group, LambConstant.CLIP_VALUE),
        Tables.value(constants, group, LambConstant.L2),
        beta1,
        Tables.value(constants, group, LambConstant.TAKE1),
        beta2,
        corrected ? 1 / (1 - Math.pow(beta1, t)) : 1,
        corrected ? 1 / Math.sqrt(1 - Math.pow(beta2, t)) : 1,
        Tables.value(constants, group, LambConstant.EPS),
        Tables.value(constants, group, LambConstant.DECAY));
  }
}
