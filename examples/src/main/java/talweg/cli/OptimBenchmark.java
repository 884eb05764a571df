package talweg.cli;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import talweg.nn.Init;
import talweg.nn.Module;
import talweg.nn.Parameter;
import talweg.op.NonFinite;
import talweg.op.RandomKind;
import talweg.optim.Optimizer;
import talweg.optim.OptimizerOptions;
import talweg.session.Scope;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * One update of {@code n} parameters in a number of equal tensors, with gradients given.
 *
 * @param policy PROPAGATE does what PyTorch does; FAIL, the default in training, also reads every
 *     gradient beforehand
 */
record OptimBenchmark(
    int n, int tensors, BenchmarkOptimizer optimizer, DType dtype, NonFinite policy)
    implements BenchmarkCase {

  /** Parameters without a function. */
  private static final class Bag extends Module {
    Bag(int tensors, int length) {
      for (int i = 0; i < tensors; i++) {
        parameter("p" + i, Shape.of(length), Init.zeros());
      }
    }

    @Override
    protected Tensor compute(Tensor x) {
      throw new UnsupportedOperationException("a bag of parameters is no function");
    }
  }

  @Override
  public String describe() {
    return "optim %,d parameters in %d tensor%s, %s, nonfinite %s, %s"
        .formatted(
            n,
            tensors,
            tensors == 1 ? "" : "s",
            optimizer,
            policyName(),
            BenchmarkCase.precision(dtype));
  }

  @Override
  public Result run(Session session, Stopwatch stopwatch) {
    Module bag = new Bag(tensors, n / tensors).init(session, dtype, 0);
    Optimizer bound = optimizer.spec().bind(bag, OptimizerOptions.DEFAULT.nonFinite(policy));
    for (Parameter parameter : bag.trainable()) {
      draw(session, parameter);
    }
    Stopwatch.Timing timing = stopwatch.time(bound::stepKeepingGradients, session::synchronize);
    bound.requireFinite();
    return result(timing, bound.isFused());
  }

  /** Random weights, and a random gradient that stays. */
  private void draw(Session session, Parameter parameter) {
    int length = Math.toIntExact(parameter.shape().size());
    try (Scope _ = session.scope("draw")) {
      parameter.value().backward(session.random(RandomKind.NORMAL, dtype, length));
      try (var _ = session.noGrad()) {
        parameter.value().assign(session.random(RandomKind.NORMAL, dtype, length));
      }
    }
  }

  private Result result(Stopwatch.Timing timing, boolean fused) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("case", "optim");
    fields.put("n", n);
    fields.put("tensors", tensors);
    fields.put("optimizer", optimizer.toString());
    fields.put("fused", fused);
    fields.put("nonfinite", policyName());
    fields.put("dtype", BenchmarkCase.precision(dtype));
    fields.put("ms", timing.median() * 1e3);
    fields.put("ms_min", timing.least() * 1e3);
    fields.put("ms_max", timing.most() * 1e3);
    double gigabytes = (double) optimizer.traffic() * dtype.bytes() * n / timing.median() / 1e9;
    fields.put("gb_per_s", gigabytes);
    return new Result(timing, fields, BenchmarkCase.rate(gigabytes, "GB/s"));
  }

  private String policyName() {
    return policy.name().toLowerCase(Locale.ROOT);
  }
}
