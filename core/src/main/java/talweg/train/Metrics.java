package talweg.train;

import java.lang.foreign.MemorySegment;
import java.util.Locale;
import talweg.data.Batch;
import talweg.data.BatchPass;
import talweg.data.Batches;
import talweg.data.Dataset;
import talweg.error.OutOfMemoryException;
import talweg.nn.Module;
import talweg.op.BinaryKind;
import talweg.op.FusedCall;
import talweg.session.Session;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * Sums of losses and of right answers that are kept on the device, so that no batch waits for the
 * host.
 */
final class Metrics {
  static final int EVALUATION_BATCH = 1024;

  private final Session session;
  private final boolean classification;
  private final Tensor sums;
  private final double[] host = new double[2];
  private long examples;

  Metrics(Session session, boolean classification) {
    this.session = session;
    this.classification = classification;
    this.sums = session.emptyIn(session.root(), DType.F64, Shape.of(2)).named("metric sums");
  }

  void free() {
    sums.free();
  }

  void reset() {
    session.backend().fill(sums.view(), 0);
    examples = 0;
  }

  /** Adds one batch on the device, given its mean loss; {@link #count} tells the host of it. */
  void add(Tensor loss, Tensor prediction, Tensor target) {
    try (var _ = session.noGrad();
        var _ = session.scope("metrics")) {
      int size = target.shape().dim(0);
      if (isFusable(loss, prediction, target)) {
        View scores = classification ? prediction.view() : null;
        View classes = classification ? target.view() : null;
        session.backend().run(new FusedCall.Score(loss.view(), size, scores, classes, sums.view()));
        return;
      }
      Tensor lossSum = loss.detach().to(DType.F64).mul(size).reshape(1);
      Tensor right =
          classification ? right(prediction.detach(), target) : session.zeros(DType.F64, 1);
      sums.assign(sums.add(Tensor.concat(0, lossSum, right)));
    }
  }

  private boolean isFusable(Tensor loss, Tensor prediction, Tensor target) {
    return session.backend().supports(FusedCall.Score.class)
        && (!classification
            || prediction.rank() == 2
                && target.rank() == 1
                && prediction.dtype() == loss.dtype()
                && prediction.view().isContiguous());
  }

  void count(int size) {
    examples += size;
  }

  /** The sums on the device and, for the host, how many examples they are of. */
  Tensor sums() {
    return sums;
  }

  long examples() {
    return examples;
  }

  /** Goes on from sums that were put back over so many examples. */
  void resume(long counted) {
    examples = counted;
  }

  /** Means over what was added; waits for the device. */
  Evaluation read() {
    session.download(sums.view(), MemorySegment.ofArray(host));
    double n = Math.max(1, examples);
    return new Evaluation(host[0] / n, classification ? host[1] / n : Double.NaN);
  }

  /** Mean loss and accuracy of a model over a data set, in evaluation mode. */
  Evaluation over(Module model, Objective objective, Feed feed, Dataset data) {
    boolean wasTraining = model.isTraining();
    model.eval();
    reset();
    try (var _ = session.noGrad();
        BatchPass pass = Batches.of(data, EVALUATION_BATCH).open(0)) {
      while (pass.hasNext()) {
        Batch batch = pass.next();
        try (var _ = session.scope("evaluation")) {
          Tensor prediction = model.forward(feed.x(batch));
          Tensor target = feed.y(batch);
          add(objective.loss().apply(prediction, target), prediction, target);
          count(batch.size());
        }
      }
    } catch (OutOfMemoryException e) {
      throw e.advising(
          String.format(
              Locale.ROOT,
              "allow more memory or use a smaller network: evaluations take %,d examples at once",
              EVALUATION_BATCH));
    } finally {
      if (wasTraining) {
        model.train();
      }
    }
    return read();
  }

  private static Tensor right(Tensor prediction, Tensor classes) {
    Tensor best = prediction.argmax(1).to(classes.dtype());
    return best.compare(BinaryKind.EQ, classes).to(DType.F64).sum().reshape(1);
  }
}
