package talweg.train;

import java.lang.foreign.MemorySegment;
import talweg.op.BinaryKind;
import talweg.optim.Optimizer;
import talweg.session.Session;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * Mean and maximum of the gradient norms of an epoch's steps. They are kept on the device, so that
 * no step waits for the host, and one step more or less says nothing of a whole epoch.
 */
final class GradientNorms {
  private final Session session;

  /** Of the last step, or null where no step measures it. */
  private final View norm;

  private final Tensor kept;
  private final View sum;
  private final View most;
  private final double[] host = new double[2];
  private long steps;

  /**
   * Where a running epoch is.
   *
   * @param steps that the others are of
   */
  record Sums(double sum, double most, long steps) {
    static final Sums NONE = new Sums(0, 0, 0);

    double mean() {
      return steps == 0 ? Double.NaN : sum / steps;
    }

    double maximum() {
      return steps == 0 ? Double.NaN : most;
    }
  }

  GradientNorms(Optimizer optimizer) {
    this.session = optimizer.session();
    this.norm = optimizer.gradientNormOnDevice().map(Tensor::view).orElse(null);
    this.kept =
        norm == null
            ? null
            : session.emptyIn(session.root(), DType.F64, Shape.of(2)).named("gradient norms");
    this.sum = norm == null ? null : kept.slice(0, 0, 1).reshape().view();
    this.most = norm == null ? null : kept.slice(0, 1, 2).reshape().view();
  }

  /** Begins or resumes an epoch. */
  void start(Sums from) {
    if (norm != null) {
      host[0] = from.sum;
      host[1] = from.most;
      session.upload(MemorySegment.ofArray(host), kept.view());
      steps = from.steps;
    }
  }

  /** The device's part of a step: takes in the norm that the optimizer left; may be captured. */
  void add() {
    if (norm != null) {
      session.backend().binary(BinaryKind.ADD, sum, norm, sum);
      session.backend().binary(BinaryKind.MAXIMUM, most, norm, most);
    }
  }

  /** The host's part of a step. */
  void count() {
    steps++;
  }

  /** What there is so far; waits for the device. */
  Sums read() {
    if (norm == null) {
      return Sums.NONE;
    }
    session.download(kept.view(), MemorySegment.ofArray(host));
    return new Sums(host[0], host[1], steps);
  }

  void free() {
    if (kept != null) {
      kept.free();
    }
  }
}
