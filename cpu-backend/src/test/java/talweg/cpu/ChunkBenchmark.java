package talweg.cpu;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import talweg.op.BinaryKind;
import talweg.op.UnaryKind;

/**
 * How large a piece of elementwise work should be: small ones are handed over often, large ones
 * leave threads without work at the end. {@link Elementwise#CHUNK} and {@link
 * Elementwise#FUNCTION_CHUNK} follow from it. The lengths fit into the second-level caches, into
 * the third at best, and into none.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ChunkBenchmark {
  private static final int THREADS = 2;

  @Param({"65536", "1048576", "16777216"})
  private int length;

  @Param({"2048", "8192", "32768", "131072", "524288"})
  private int chunk;

  private final List<VectorFloatKernels> kernels =
      Stream.generate(VectorFloatKernels::new).limit(THREADS).toList();
  private Workers workers;
  private float[] a;
  private float[] b;
  private float[] out;

  @Setup
  public void open() {
    workers = new Workers(THREADS);
    a = new float[length];
    b = new float[length];
    out = new float[length];
  }

  @TearDown
  public void close() {
    workers.close();
  }

  /** As cheap as work gets: three memory accesses for an addition. */
  @Benchmark
  public void add() {
    run((own, from, n) -> own.binary(BinaryKind.ADD, a, from, b, from, out, from, n));
  }

  /** A function that takes several times as long. */
  @Benchmark
  public void gelu() {
    run((own, from, n) -> own.unary(UnaryKind.GELU, 0, 0, a, from, out, from, n));
  }

  private interface Body {
    void run(VectorFloatKernels own, int from, int n);
  }

  private void run(Body body) {
    workers.run(
        Math.ceilDiv(length, chunk),
        (number, worker) -> {
          int from = number * chunk;
          body.run(kernels.get(worker), from, Math.min(chunk, length - from));
        });
  }
}
