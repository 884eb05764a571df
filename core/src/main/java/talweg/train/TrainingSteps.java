package talweg.train;

import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import talweg.data.Batch;
import talweg.data.Dataset;
import talweg.nn.Module;
import talweg.optim.Optimizer;
import talweg.session.Capture;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * Steps of one batch each: forward and backward pass, metrics, update. The first step of a batch
 * size runs as written, the second is captured while it runs, and all further ones replay that on
 * new data, without building tensors and tape again.
 */
final class TrainingSteps {
  private final Session session;
  private final Module model;
  private final DType dtype;
  private final Objective objective;
  private final Optimizer optimizer;
  private final Metrics metrics;
  private final PhaseClock phases;
  private final Map<Shape, Inputs> inputs = new HashMap<>();

  /** Where batches of one size are put, and the captured step that reads them there. */
  private static final class Inputs {
    private final Tensor x;
    private final Tensor y;
    private Capture capture;
    private boolean seen;

    Inputs(Tensor x, Tensor y) {
      this.x = x;
      this.y = y;
    }
  }

  TrainingSteps(
      Module model,
      DType dtype,
      Objective objective,
      Optimizer optimizer,
      Metrics metrics,
      PhaseClock phases) {
    this.session = optimizer.session();
    this.model = model;
    this.dtype = dtype;
    this.objective = objective;
    this.optimizer = optimizer;
    this.metrics = metrics;
    this.phases = phases;
  }

  /**
   * One whole step.
   *
   * @param timed whether to run it as written in any case, and to time its parts
   */
  void run(Dataset train, Batch batch, boolean timed) {
    Inputs in = inputs.computeIfAbsent(shape(train, batch.size()), s -> allocate(s, train));
    long start = System.nanoTime();
    upload(batch, in);
    phases.addData(start, 0);
    if (timed) {
      phases.beginSample();
      step(in);
      phases.startOptimizer();
      optimizer.step();
      phases.optimizerDone(batch.size());
    } else if (in.capture != null) {
      optimizer.prepare();
      in.capture.replay();
    } else if (in.seen) {
      optimizer.prepare();
      in.capture =
          session.capture(() -> {
            step(in);
            optimizer.apply();
          });
    } else {
      // Lays down for good which parameters have a gradient, and memory that outlives steps.
      step(in);
      optimizer.step();
      in.seen = true;
    }
    metrics.count(batch.size());
  }

  private void step(Inputs in) {
    try (var _ = session.scope("step")) {
      forwardBackward(in.x.to(dtype), floating(in.y), 1);
    }
  }

  /** Forward and backward pass and metrics; the weight scales the gradient. */
  void forwardBackward(Tensor x, Tensor y, double weight) {
    Tensor prediction = model.forward(x);
    Tensor loss = objective.loss().apply(prediction, y);
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

  private Inputs allocate(Shape shape, Dataset train) {
    Shape targets =
        train.isClassification() ? Shape.of(shape.dim(0)) : Shape.of(shape.dim(0), train.outputs());
    DType type = train.isClassification() ? DType.I32 : DType.F32;
    return new Inputs(
        session.emptyIn(session.root(), DType.F32, shape).named("batch"),
        session.emptyIn(session.root(), type, targets).named("targets"));
  }

  private void upload(Batch batch, Inputs in) {
    session.upload(MemorySegment.ofArray(batch.x()), in.x.view());
    session.upload(
        in.y.dtype() == DType.I32
            ? MemorySegment.ofArray(batch.labels())
            : MemorySegment.ofArray(batch.targets()),
        in.y.view());
  }

  /**
   * Gives up all captured steps and the memory of batches; those of batch sizes that come again are
   * captured again.
   */
  void release() {
    for (Inputs in : inputs.values()) {
      if (in.capture != null) {
        session.release(in.capture);
      }
      free(in.x);
      free(in.y);
    }
    inputs.clear();
  }

  private static void free(Tensor tensor) {
    tensor.storage().hold();
    tensor.storage().unhold(tensor.storage().owner());
  }

  /** Forward and backward pass on what a step would be given, for their memory only. */
  void forwardBackward(Tensor x, Tensor y) {
    forwardBackward(x.to(dtype), floating(y), 1);
  }

  void forgetGradients() {
    optimizer.zeroGrad();
  }

  /** Shape of a batch of features. */
  Shape shape(Dataset data, int batch) {
    int[] features = data.featureShape();
    int[] dims = new int[features.length + 1];
    dims[0] = batch;
    System.arraycopy(features, 0, dims, 1, features.length);
    return Shape.of(dims);
  }
}
