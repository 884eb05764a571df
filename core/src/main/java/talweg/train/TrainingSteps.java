package talweg.train;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import talweg.data.Batch;
import talweg.data.BatchPass;
import talweg.data.Batches;
import talweg.data.Dataset;
import talweg.error.CaptureException;
import talweg.nn.Module;
import talweg.optim.Optimizer;
import talweg.session.Capture;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * Steps of one batch each: forward and backward pass, metrics, update. The first step of a batch
 * size runs as written, the second is captured while it runs, and further ones replay that on new
 * data, without building tensors and tape again. The third and then about one an epoch run as
 * written and are compared with what was captured. Where {@link StepCapture} forbids it, all run as
 * written.
 */
final class TrainingSteps {
  /** Minimum steps between two comparisons where epochs are short, which bounds their cost. */
  private static final int COMPARISON_INTERVAL = 8;

  private final Session session;
  private final Module model;
  private final DType dtype;
  private final Objective objective;
  private final Optimizer optimizer;
  private final Metrics metrics;
  private final PhaseClock phases;
  private final StepCapture captures;
  private final GradientNorms norms;
  private final Map<Integer, Inputs> inputs = new HashMap<>();

  /** Of an epoch. */
  private int batches;

  /** The steps so far, of any batch size. */
  private long done;

  /** The data set, where it is kept on the device; else null. */
  private ResidentData resident;

  /**
   * How batches of one size come to the device, and the captured step that finds them there: the
   * batch itself, or its row numbers in a resident data set.
   */
  private static final class Inputs {
    private final BatchTensors batch;
    private final Tensor rows;
    private Capture capture;
    private boolean seen;

    /** The step after which the capture was last found to do the same work; 0 before the first. */
    private long compared;

    Inputs(BatchTensors batch, Tensor rows) {
      this.batch = batch;
      this.rows = rows;
    }

    void upload(Batch from) {
      if (rows == null) {
        batch.upload(from);
      } else {
        rows.session().upload(MemorySegment.ofArray(from.rows()), rows.view());
      }
    }

    void free() {
      if (rows == null) {
        batch.free();
      } else {
        rows.free();
      }
    }
  }

  TrainingSteps(
      Module model,
      DType dtype,
      Objective objective,
      Optimizer optimizer,
      Metrics metrics,
      PhaseClock phases,
      StepCapture captures,
      GradientNorms norms) {
    this.session = optimizer.session();
    this.model = model;
    this.dtype = dtype;
    this.objective = objective;
    this.optimizer = optimizer;
    this.metrics = metrics;
    this.phases = phases;
    this.captures = captures;
    this.norms = norms;
  }

  /** Prepares steps on a data set. */
  void place(Dataset train) {
    if (isResident(train)) {
      return;
    }
    release();
    if (resident != null) {
      resident.free();
    }
    resident = ResidentData.of(session, train);
  }

  /** The batches of a pass from {@code first} on, as steps take them. */
  BatchPass open(Batches batches, int first) {
    this.batches = batches.batchCount();
    return resident == null ? batches.open(first) : batches.openRows(first);
  }

  /** Features of a batch in the model's type. */
  Tensor x(Dataset train, Batch batch) {
    return isResident(train)
        ? resident.x(session.tensor(batch.rows(), batch.size())).to(dtype)
        : new Feed(session, dtype, train).x(batch);
  }

  /** Class indices of a batch, or targets in the model's type. */
  Tensor y(Dataset train, Batch batch) {
    return isResident(train)
        ? floating(resident.y(session.tensor(batch.rows(), batch.size())))
        : new Feed(session, dtype, train).y(batch);
  }

  private boolean isResident(Dataset train) {
    return resident != null && resident.holds(train);
  }

  /**
   * One whole step.
   *
   * @param timed whether to run it as written in any case, and to time its parts
   */
  void run(Dataset train, Batch batch, boolean timed) {
    Inputs in = inputs.computeIfAbsent(batch.size(), size -> allocate(train, size));
    optimizer.random().restart();
    long start = System.nanoTime();
    in.upload(batch);
    phases.addData(start, 0);
    if (captures.isAllowed()) {
      try {
        runOrReplay(in, batch.size(), timed);
      } catch (CaptureException e) {
        throw captures.explain(e);
      }
    } else if (!timed && captures.wantsMeasurement()) {
      measure(in);
    } else {
      runAsWritten(in, batch.size(), timed);
    }
    metrics.count(batch.size());
    norms.count();
    done++;
  }

  private void runOrReplay(Inputs in, int examples, boolean timed) {
    if (in.capture == null && (timed || !in.seen)) {
      // Warm-up: fixes the set of parameters with gradients, allocates persistent buffers.
      runAsWritten(in, examples, timed);
      in.seen = true;
      return;
    }
    optimizer.prepare();
    if (in.capture == null) {
      in.capture =
          session.capture(() -> {
            step(in);
            optimizer.apply();
            norms.add();
          });
    } else if (timed || isComparisonDue(in)) {
      compare(in, examples, timed);
    } else {
      in.capture.replay();
    }
  }

  /** Each recording has its turn, wherever in an epoch its batch size comes. */
  private boolean isComparisonDue(Inputs in) {
    return in.compared == 0
        || done - in.compared >= Math.max(batches, COMPARISON_INTERVAL * inputs.size());
  }

  private void compare(Inputs in, int examples, boolean timed) {
    if (timed) {
      phases.beginSample();
    }
    in.capture.rerun(() -> {
      step(in);
      phases.startOptimizer();
      optimizer.apply();
      norms.add();
      phases.optimizerDone(examples);
    });
    in.compared = done;
  }

  private void runAsWritten(Inputs in, int examples, boolean timed) {
    if (timed) {
      phases.beginSample();
    }
    step(in);
    phases.startOptimizer();
    optimizer.step();
    norms.add();
    phases.optimizerDone(examples);
  }

  private void measure(Inputs in) {
    session.synchronize();
    long start = System.nanoTime();
    double host =
        session.hostSeconds(() -> {
          step(in);
          optimizer.step();
        });
    norms.add();
    session.synchronize();
    captures.measured((System.nanoTime() - start) * 1e-9, host);
  }

  private void step(Inputs in) {
    try (var _ = session.scope("step")) {
      Tensor x = in.rows == null ? in.batch.x() : resident.x(in.rows);
      Tensor y = in.rows == null ? in.batch.y() : resident.y(in.rows);
      forwardBackward(x.to(dtype), floating(y), 1);
    }
  }

  /** Forward and backward pass and metrics; the weight scales the gradient. */
  void forwardBackward(Tensor x, Tensor y, double weight) {
    Tensor prediction;
    Tensor loss;
    // Also for what the optimizer's parameters do not cover, and for the loss.
    try (var _ = session.drawFrom(optimizer.random())) {
      prediction = model.forward(x);
      loss = objective.loss().apply(prediction, y);
    }
    metrics.add(loss, prediction, y);
    int examples = y.shape().dim(0);
    phases.forwardDone(examples);
    (weight == 1 ? loss : loss.mul(weight)).backward();
    phases.backwardDone(examples);
  }

  /** Targets in the model's type; class indices as they are. */
  private Tensor floating(Tensor y) {
    return y.dtype().isFloating() ? y.to(dtype) : y;
  }

  private Inputs allocate(Dataset train, int size) {
    return resident == null
        ? new Inputs(BatchTensors.of(session, train, size, "batch"), null)
        : new Inputs(
            null, session.emptyIn(session.root(), DType.I32, Shape.of(size)).named("batch's rows"));
  }

  /**
   * Gives up all captured steps and the memory of batches; those of batch sizes that come again are
   * captured again.
   */
  void release() {
    for (Inputs in : inputs.values()) {
      if (in.capture != null) {
        in.capture.close();
      }
      in.free();
    }
    inputs.clear();
  }

  /** Returns all memory. */
  void close() {
    release();
    if (resident != null) {
      resident.free();
      resident = null;
    }
  }

  /** Forward and backward pass on what a step would be given, for their memory only. */
  void forwardBackward(Tensor x, Tensor y) {
    forwardBackward(x.to(dtype), floating(y), 1);
  }

  void forgetGradients() {
    optimizer.zeroGrad();
  }
}
