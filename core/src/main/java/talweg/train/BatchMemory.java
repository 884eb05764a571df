package talweg.train;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import talweg.data.Dataset;
import talweg.error.OutOfMemoryException;
import talweg.io.HostTensor;
import talweg.io.NamedTensors;
import talweg.nn.Module;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/**
 * Finds out, after a step has run out of memory, what batch would have fitted: it measures the
 * forward and backward passes of two small batches on the device, takes memory to grow linearly
 * with the batch, and then measures the answer itself. The model stays as it was.
 */
final class BatchMemory {
  private static final int TRIES = 16;

  private final Session session;
  private final Module model;
  private final TrainingSteps steps;
  private final Dataset train;
  private final long evaluation;
  private final long room;

  /**
   * Prepares a search on a session whose captured steps were given up.
   *
   * @param evaluation bytes that an evaluation takes, 0 if there is none
   */
  BatchMemory(Session session, Module model, TrainingSteps steps, Dataset train, long evaluation) {
    this.session = session;
    this.model = model;
    this.steps = steps;
    this.train = train;
    this.evaluation = evaluation;
    session.trimMemory();
    long limit = Math.min(session.memory().limit(), session.backend().memoryBytes());
    this.room = limit - session.memory().held();
  }

  /** What to do after batches of the given size did not fit, of which so many make a step. */
  String advice(int batch, int accumulate) {
    int fits = largest(batch);
    if (fits == 0) {
      return "allow more memory or use a smaller network: not even a batch of one example fits";
    }
    long parts = Math.ceilDiv((long) batch * accumulate, (long) fits);
    return String.format(
        Locale.ROOT,
        "the largest batch that fits is about %,d instead of %,d (TrainerOptions.batch(%d)); with"
            + " OptimizerOptions.accumulate(%d), a step is still made of about as many examples",
        fits,
        batch,
        fits,
        parts);
  }

  /**
   * The largest batch below {@code failed} whose steps fit.
   *
   * @return 0 if not even one example does
   */
  private int largest(int failed) {
    for (int small = Math.max(1, failed / 16); small > 0; small /= 4) {
      long one = measure(small);
      long two = measure(2 * small);
      if (one >= 0 && two >= 0) {
        double slope = Math.max(1, (double) (two - one) / small);
        double base = one - slope * small;
        return search(failed, base, slope);
      }
      if (one >= 0 && small == 1) {
        return 1;
      }
    }
    return 0;
  }

  private int search(int failed, double base, double slope) {
    int batch = failed - 1;
    for (; batch > 1 && need(batch, base + slope * batch, base, slope) > room; batch--) {}
    for (int i = 0; i < TRIES && batch > 1; i++) {
      long measured = measure(batch);
      if (measured >= 0 && need(batch, measured, base, slope) <= room) {
        return batch;
      }
      batch -= Math.max(1, batch / 16);
    }
    return Math.max(batch, 1);
  }

  /**
   * What a training with such batches takes: the captured steps of full batches and of the last one
   * of an epoch, and for a while, an evaluation or a last batch that is not captured yet.
   */
  private double need(int batch, double step, double base, double slope) {
    int last = train.size() % batch;
    double lastStep = last == 0 ? 0 : base + slope * last;
    return step + lastStep + Math.max(evaluation, lastStep);
  }

  /** Most bytes that a forward and backward pass holds, with its data; -1 if there is no room. */
  private long measure(int batch) {
    Map<String, HostTensor> buffers = NamedTensors.copy(buffers());
    session.trimMemory();
    long before = session.memory().held();
    try (var _ = session.scope("measuring a batch of " + batch)) {
      Tensor x = session.zeros(DType.F32, BatchTensors.shape(train, batch).dims());
      Tensor y =
          train.isClassification()
              ? session.zeros(DType.I32, batch)
              : session.zeros(DType.F32, batch, train.outputs());
      model.train();
      steps.forwardBackward(x, y);
      return session.memory().peak() - before;
    } catch (OutOfMemoryException e) {
      return -1;
    } finally {
      steps.forgetGradients();
      NamedTensors.restore("measuring", buffers(), buffers);
    }
  }

  /** Running statistics, which a forward pass changes. */
  private Map<String, Tensor> buffers() {
    Map<String, Tensor> buffers = new HashMap<>();
    model
        .named()
        .forEach((name, parameter) -> {
          if (parameter.isBuffer()) {
            buffers.put(name, parameter.value());
          }
        });
    return buffers;
  }
}
