package talweg.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import talweg.op.RandomKind;
import talweg.session.Session;
import talweg.spi.View;
import talweg.tensor.DType;

/** {@code C = A * B} of an m x k and a k x n matrix in row-major order, straight at the backend. */
record GemmBenchmark(int m, int k, int n, Arithmetic arithmetic) implements BenchmarkCase {
  @Override
  public String describe() {
    return "gemm %s, %s".formatted(BenchmarkCase.list(m, k, n), arithmetic);
  }

  @Override
  public Result run(Session session, Stopwatch stopwatch) {
    DType dtype = arithmetic.dtype;
    View a = session.random(RandomKind.NORMAL, dtype, m, k).view();
    View b = session.random(RandomKind.NORMAL, dtype, k, n).view();
    View c = session.zeros(dtype, m, n).view();
    Stopwatch.Timing timing =
        stopwatch.time(
            () -> session.backend().matmul(false, false, 1, 0, a, b, c), session::synchronize);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("case", "gemm");
    fields.put("m", m);
    fields.put("k", k);
    fields.put("n", n);
    fields.put("dtype", arithmetic.toString());
    fields.put("us", timing.median() * 1e6);
    fields.put("us_min", timing.least() * 1e6);
    fields.put("us_max", timing.most() * 1e6);
    double gflops = 2.0 * m * k * n / timing.median() / 1e9;
    fields.put("gflops", gflops);
    return new Result(timing, fields, BenchmarkCase.rate(gflops, "GFLOP/s"));
  }
}
