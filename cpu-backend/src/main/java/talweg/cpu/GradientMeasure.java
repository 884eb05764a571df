package talweg.cpu;

import talweg.op.FusedCall.MeasureGradients;
import talweg.spi.StepState;
import talweg.spi.View;

/** Norm, finite check and clip factor of all gradients, in one pass. */
final class GradientMeasure {
  private static final boolean[] READ_ONLY = {false};

  private final SegmentLoop loop;

  GradientMeasure(SegmentLoop loop) {
    this.loop = loop;
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
            : Math.min(1, call.maxNorm() / (norm + call.eps()));
    decide(call, norm, call.average() * clip, bad);
  }

  /** Of each segment with a gradient; pieces are summed by the workers and added in their order. */
  private double[] sumsOfSquares(UpdateKernels<Object> kernels, MeasureGradients call) {
    SegmentChunks chunks = loop.chunks(call.segments());
    double[] parts = new double[chunks.pieces()];
    loop.run(
        call.segments(),
        new View[] {call.grads()},
        READ_ONLY,
        (piece, _, arrays, from, to) ->
            parts[piece] = kernels.sumOfSquares(arrays[0], from, to - from));
    double[] sums = new double[Tables.segments(call.segments())];
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
            boolean stopped = Tables.value(view, StepState.BAD_SEGMENT) > 0;
            if (!stopped && bad > 0) {
              state[Tables.at(view, StepState.BAD_SEGMENT)] = bad;
              state[Tables.at(view, StepState.BAD_STEP)] = Tables.value(view, StepState.ATTEMPTED);
            }
            yield !stopped && bad == 0;
          }
        };
    state[Tables.at(view, StepState.WRITE)] = write ? 1 : 0;
    state[Tables.at(view, StepState.GRAD_NORM)] = norm;
    state[Tables.at(view, StepState.GRAD_SCALE)] = scale;
  }
}
