package talweg.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import talweg.nn.Activation;
import talweg.nn.Linear;
import talweg.nn.Losses;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.op.RandomKind;
import talweg.optim.Clip;
import talweg.optim.Optimizer;
import talweg.optim.OptimizerOptions;
import talweg.session.Capture;
import talweg.session.Scope;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * One mini-batch step of a network with ReLU and cross entropy: forward, loss, backward, clip,
 * update. Rows are on the device already, batches are contiguous slices of them in order, and the
 * loss is not read.
 *
 * @param dims widths from the features to the classes
 * @param clip bound on the global norm of the gradients, 0 for none
 */
record TrainBenchmark(
    List<Integer> dims, int batch, BenchmarkOptimizer optimizer, Arithmetic arithmetic, double clip)
    implements BenchmarkCase {
  private static final int ROWS = 4096;
  private static final long SEED = 0;

  @Override
  public String describe() {
    return "train %s, batch %d, %s%s, %s"
        .formatted(dimsText(), batch, optimizer, clip > 0 ? ", clip " + clip : "", arithmetic);
  }

  @Override
  public Result run(Session session, Stopwatch stopwatch) {
    DType dtype = arithmetic.dtype;
    Module model = network().init(session, dtype, SEED);
    OptimizerOptions options =
        OptimizerOptions.DEFAULT.clip(clip > 0 ? Clip.byGlobalNorm(clip) : Clip.none());
    Optimizer bound = optimizer.spec().bind(model, options);
    int rows = Math.max(ROWS, batch * 8);
    Tensor xs = session.random(RandomKind.NORMAL, dtype, rows, dims.getFirst());
    int[] labels = new Random(SEED).ints(rows, 0, dims.getLast()).toArray();
    Tensor classes = session.tensor(labels, rows);
    Tensor x = session.empty(dtype, Shape.of(batch, dims.getFirst()));
    Tensor y = session.empty(DType.I32, Shape.of(batch));
    Runnable forwardBackward =
        () -> {
          try (Scope _ = session.scope("step")) {
            Losses.crossEntropy(model.forward(x), y).backward();
          }
        };
    Runnable load = new Loader(xs, classes, x, y);
    load.run();
    forwardBackward.run();
    bound.step();
    // As the trainer does: the first step as written, then one captured and replayed.
    Capture capture =
        session.capture(() -> {
          forwardBackward.run();
          bound.apply();
        });
    Stopwatch.Timing timing =
        stopwatch.time(
            () -> {
              load.run();
              bound.prepare();
              capture.replay();
            },
            session::synchronize);
    // A benchmark of NaN would look like any other.
    bound.requireFinite();
    return result(timing, model.parameterCount(), bound.isFused());
  }

  /** Puts the next rows where the captured step reads them. */
  private record Loader(Tensor xs, Tensor classes, Tensor x, Tensor y, AtomicLong steps)
      implements Runnable {
    Loader(Tensor xs, Tensor classes, Tensor x, Tensor y) {
      this(xs, classes, x, y, new AtomicLong());
    }

    @Override
    public void run() {
      int batch = x.shape().dim(0);
      int rows = xs.shape().dim(0);
      int from = (int) (steps.getAndIncrement() * batch % (rows - batch + 1));
      try (Scope _ = x.session().scope("batch")) {
        x.assign(xs.slice(0, from, from + batch));
        y.assign(classes.slice(0, from, from + batch));
      }
    }
  }

  private Module network() {
    List<Module> layers = new ArrayList<>();
    for (int i = 0; i + 1 < dims.size(); i++) {
      if (i > 0) {
        layers.add(new Activation(Activation.Kind.RELU));
      }
      layers.add(new Linear(dims.get(i), dims.get(i + 1)));
    }
    return new Sequential(layers.toArray(Module[]::new));
  }

  private Result result(Stopwatch.Timing timing, long params, boolean fused) {
    double t = timing.median();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("case", "train");
    fields.put("dims", dims);
    fields.put("batch", batch);
    fields.put("optimizer", optimizer.toString());
    fields.put("fused", fused);
    fields.put("clip", clip);
    fields.put("mode", "captured");
    fields.put("dtype", arithmetic.toString());
    fields.put("params", params);
    fields.put("us_per_step", t * 1e6);
    fields.put("us_min", timing.least() * 1e6);
    fields.put("us_max", timing.most() * 1e6);
    fields.put("samples_per_s", batch / t);
    // Two operations for each weight and example, in each of forward, input and weight gradient.
    double gflops = 6.0 * params * batch / t / 1e9;
    fields.put("gflops", gflops);
    return new Result(
        timing,
        fields,
        BenchmarkCase.rate(batch / t, "samples/s") + ", " + BenchmarkCase.rate(gflops, "GFLOP/s"));
  }

  private String dimsText() {
    return BenchmarkCase.list(dims.stream().mapToInt(Integer::intValue).toArray());
  }
}
