package talweg.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import talweg.nn.Activation;
import talweg.nn.Linear;
import talweg.nn.Losses;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.op.RandomKind;
import talweg.optim.Clip;
import talweg.optim.Optimizer;
import talweg.optim.OptimizerOptions;
import talweg.session.Scope;
import talweg.session.Session;
import talweg.tensor.DType;
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
    List<Integer> dims, int batch, BenchmarkOptimizer optimizer, DType dtype, double clip)
    implements BenchmarkCase {
  private static final int ROWS = 4096;
  private static final long SEED = 0;

  @Override
  public String describe() {
    return "train %s, batch %d, %s%s, %s"
        .formatted(
            dimsText(),
            batch,
            optimizer,
            clip > 0 ? ", clip " + clip : "",
            BenchmarkCase.precision(dtype));
  }

  @Override
  public Result run(Session session, Stopwatch stopwatch) {
    Module model = network().to(session, dtype, SEED);
    OptimizerOptions options =
        OptimizerOptions.DEFAULT.clip(clip > 0 ? Clip.byGlobalNorm(clip) : Clip.none());
    Optimizer bound = optimizer.spec().bind(model, options);
    int rows = Math.max(ROWS, batch * 8);
    Tensor xs = session.random(RandomKind.NORMAL, dtype, rows, dims.getFirst());
    int[] labels = new Random(SEED).ints(rows, 0, dims.getLast()).toArray();
    Tensor classes = session.tensor(labels, rows);
    Stopwatch.Timing timing =
        stopwatch.time(
            new Runnable() {
              private long step;

              @Override
              public void run() {
                int from = (int) (step++ * batch % (rows - batch + 1));
                try (Scope _ = session.scope("step")) {
                  Tensor x = xs.slice(0, from, from + batch);
                  Tensor y = classes.slice(0, from, from + batch);
                  Losses.crossEntropy(model.forward(x), y).backward();
                  bound.step();
                }
              }
            },
            session::synchronize);
    // A benchmark of NaN would look like any other.
    bound.requireFinite();
    return result(timing, model.parameterCount(), bound.isFused());
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
    fields.put("mode", "eager");
    fields.put("dtype", BenchmarkCase.precision(dtype));
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
