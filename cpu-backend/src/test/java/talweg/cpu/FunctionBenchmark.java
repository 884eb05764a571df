package talweg.cpu;

import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.Warmup;
import talweg.op.UnaryKind;

/**
 * Vector math against {@link Math}, a block at a time on one thread: nanoseconds for a block of
 * {@value Blocks#LENGTH} elements. How many units in the last place the vector loops are off is
 * bounded in {@link VectorFloatKernelsTest}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class FunctionBenchmark {
  @Param({"EXP", "LOG", "TANH", "SIGMOID", "ERF", "GELU", "GELU_TANH", "SILU", "SOFTPLUS", "RELU"})
  private UnaryKind kind;

  @Param({"false", "true"})
  private boolean vector;

  private Kernels<float[]> kernels;
  private final float[] in = new float[Blocks.LENGTH];
  private final float[] out = new float[Blocks.LENGTH];

  @Setup
  public void fill() {
    kernels = vector ? new VectorFloatKernels() : new ScalarFloatKernels();
    for (int i = 0; i < in.length; i++) {
      in[i] = kind == UnaryKind.LOG ? 1e-3f + i : (i - in.length / 2) / 100f;
    }
  }

  @Benchmark
  public float[] apply() {
    kernels.unary(kind, 1, 0, in, 0, out, 0, in.length);
    return out;
  }
}
