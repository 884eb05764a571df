package talweg.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import talweg.op.RandomKind;
import talweg.session.Session;
import talweg.spi.View;
import talweg.tensor.DType;

/** A copy of one buffer to another; what is read and what is written both count. */
record CopyBenchmark(int n, DType dtype) implements BenchmarkCase {
  @Override
  public String describe() {
    return "copy %,d elements, %s".formatted(n, BenchmarkCase.precision(dtype));
  }

  @Override
  public Result run(Session session, Stopwatch stopwatch) {
    View from = session.random(RandomKind.UNIFORM, dtype, n).view();
    View to = session.zeros(dtype, n).view();
    // A host backend may put copies off and run several of them block by block, in the caches.
    Runnable copy =
        session.backend().usesHostMemory()
            ? () -> {
              session.backend().copy(from, to);
              session.synchronize();
            }
            : () -> session.backend().copy(from, to);
    Stopwatch.Timing timing = stopwatch.time(copy, session::synchronize);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("case", "copy");
    fields.put("n", n);
    fields.put("dtype", BenchmarkCase.precision(dtype));
    fields.put("ms", timing.median() * 1e3);
    fields.put("ms_min", timing.least() * 1e3);
    fields.put("ms_max", timing.most() * 1e3);
    double gigabytes = 2.0 * dtype.bytes() * n / timing.median() / 1e9;
    fields.put("gb_per_s", gigabytes);
    return new Result(timing, fields, BenchmarkCase.rate(gigabytes, "GB/s"));
  }
}
