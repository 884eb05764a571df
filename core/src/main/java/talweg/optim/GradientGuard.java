package talweg.optim;

import static talweg.spi.StepState.ATTEMPTED;
import static talweg.spi.StepState.BAD_SEGMENT;
import static talweg.spi.StepState.BAD_STEP;
import static talweg.spi.StepState.GRAD_NORM;
import static talweg.spi.StepState.GRAD_SCALE;
import static talweg.spi.StepState.WRITE;

import java.util.ArrayList;
import java.util.List;
import talweg.op.BinaryKind;
import talweg.op.FusedCall;
import talweg.op.NonFinite;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/**
 * What happens between the backward pass and the update: average of the micro-batches, finite
 * check, global norm, clip factor. A bound that each tensor has for itself has no common factor:
 * there the gradients are scaled in place, before the update. Everything stays on the device as
 * entries of the step state; the host learns of it when it reads the metrics.
 */
final class GradientGuard {
  private static final Clip.ByGlobalNorm UNBOUNDED =
      new Clip.ByGlobalNorm(Double.POSITIVE_INFINITY, 2);

  private final FlatGroup flat;
  private final OptimizerOptions options;
  private final StepStateVector state;

  GradientGuard(FlatGroup flat, StepStateVector state, OptimizerOptions options) {
    this.flat = flat;
    this.options = options;
    this.state = state;
  }

  /**
   * Decides on the device whether and with which factor the gradients are used. They are read for
   * that only if the answer depends on them.
   */
  void decide() {
    if (isNeeded()) {
      measure();
      clipTensors();
      return;
    }
    Session session = flat.session();
    session.backend().fill(entry(GRAD_SCALE).view(), 1.0 / options.accumulate());
    session.backend().fill(entry(WRITE).view(), 1);
  }

  /** Whether a decision reads the gradients, and so leaves their norm in the step state. */
  boolean isNeeded() {
    return options.nonFinite() != NonFinite.PROPAGATE
        || options.clip() instanceof Clip.ByGlobalNorm
        || options.clip() instanceof Clip.PerTensor;
  }

  /** What an update's explanation has to add, or nothing. */
  String explain() {
    return options.clip() instanceof Clip.PerTensor clip
        ? "; before it, in tensor operations, gradients are clipped " + clip.describe()
        : "";
  }

  private void clipTensors() {
    if (!(options.clip() instanceof Clip.PerTensor clip)) {
      return;
    }
    double average = 1.0 / options.accumulate();
    for (int i = 0; i < flat.size(); i++) {
      if (flat.hasGradient(i)) {
        try (var _ = flat.session().scope("clip " + flat.parameters().get(i).name())) {
          Clip.scale(flat.view(flat.grads(), i), flat.view(flat.params(), i), average, clip);
        }
      }
    }
  }

  /** Reads the gradients: norm, factor and decision go to the step state. */
  void measure() {
    double average = 1.0 / options.accumulate();
    if (isFusable() && flat.session().backend().supports(FusedCall.MeasureGradients.class)) {
      Clip.ByGlobalNorm bound = options.clip() instanceof Clip.ByGlobalNorm clip ? clip : UNBOUNDED;
      flat.session()
          .backend()
          .run(
              new FusedCall.MeasureGradients(
                  flat.grads().view(),
                  flat.segments().view(),
                  average,
                  bound.maxNorm(),
                  bound.eps(),
                  options.nonFinite(),
                  state.vector().view()));
      return;
    }
    Tensor squares = sumOfSquares();
    Tensor norm =
        options.clip() instanceof Clip.ByGlobalNorm clip && clip.p() != 2
            ? Clip.globalNorm(flat.session(), gradients(), clip.p()).mul(average)
            : squares.sum().sqrt().mul(average);
    Tensor scale =
        options.clip() instanceof Clip.ByGlobalNorm clip
            ? Clip.factor(norm, clip.maxNorm(), clip.eps()).mul(average)
            : flat.session().scalar(DType.F64, average);
    entry(GRAD_NORM).assign(norm);
    entry(GRAD_SCALE).assign(scale);
    judge(squares);
  }

  /** The fused call has the 2-norm only. */
  private boolean isFusable() {
    return !options.composed()
        && !(options.clip() instanceof Clip.ByGlobalNorm clip && clip.p() != 2);
  }

  private void judge(Tensor squares) {
    Session session = flat.session();
    if (options.nonFinite() == NonFinite.PROPAGATE) {
      session.backend().fill(entry(WRITE).view(), 1);
      return;
    }
    // x - x is 0 for every finite number and NaN otherwise.
    Tensor bad = squares.sub(squares).compare(BinaryKind.NE, 0).to(DType.F64);
    Tensor anyBad = bad.max(false);
    Tensor good = anyBad.affine(-1, 1);
    if (options.nonFinite() == NonFinite.SKIP) {
      entry(WRITE).assign(good);
      return;
    }
    Tensor stopped = entry(BAD_SEGMENT).compare(BinaryKind.GT, 0);
    Tensor zero = session.scalar(DType.F64, 0);
    entry(WRITE).assign(stopped.where(zero, good));
    entry(BAD_STEP).assign(stopped.where(entry(BAD_STEP), entry(ATTEMPTED).mul(anyBad)));
    Tensor firstBad = bad.argmax(0).to(DType.F64).add(1).mul(anyBad);
    entry(BAD_SEGMENT).assign(stopped.where(entry(BAD_SEGMENT), firstBad));
  }

  /** Per segment, in double; 0 where there is no gradient. */
  private Tensor sumOfSquares() {
    Session session = flat.session();
    Tensor[] parts = new Tensor[flat.size()];
    for (int i = 0; i < parts.length; i++) {
      parts[i] =
          flat.hasGradient(i)
              ? flat.view(flat.grads(), i).to(DType.F64).square().sum().reshape(1)
              : session.zeros(DType.F64, 1);
    }
    return Tensor.concat(0, parts);
  }

  private List<Tensor> gradients() {
    List<Tensor> list = new ArrayList<>();
    for (int i = 0; i < flat.size(); i++) {
      list.add(
          flat.hasGradient(i)
              ? flat.view(flat.grads(), i)
              : flat.session().zeros(flat.grads().dtype(), 1));
    }
    return list;
  }

  private Tensor entry(int index) {
    return state.entry(index);
  }
}
