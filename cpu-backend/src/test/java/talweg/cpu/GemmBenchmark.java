package talweg.cpu;

import java.util.Random;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import talweg.spi.DeviceSpec;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/**
 * Matrix products of the three kinds that a linear layer asks for, through the backend, with its
 * own choice of threads and implementation.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class GemmBenchmark {
  @Param({"128x784x512", "128x512x256", "1024x1024x1024"})
  private String mkn;

  private CpuBackend cpu;
  private View x;
  private View weight;
  private View out;

  @Setup
  public void allocate() {
    String[] extents = mkn.split("x");
    int m = Integer.parseInt(extents[0]);
    int k = Integer.parseInt(extents[1]);
    int n = Integer.parseInt(extents[2]);
    cpu = new CpuBackend(DeviceSpec.DEFAULT);
    x = matrix(m, k);
    weight = matrix(n, k);
    out = matrix(m, n);
  }

  @TearDown
  public void close() {
    cpu.close();
  }

  /** {@code y = x W^T}. */
  @Benchmark
  public void forward() {
    cpu.matmul(false, true, 1, 0, x, weight, out);
  }

  /** {@code dx = dy W}. */
  @Benchmark
  public void inputGradient() {
    cpu.matmul(false, false, 1, 0, out, weight, x);
  }

  /** {@code dW = dy^T x}. */
  @Benchmark
  public void weightGradient() {
    cpu.matmul(true, false, 1, 0, out, x, weight);
  }

  private View matrix(int rows, int columns) {
    Shape shape = Shape.of(rows, columns);
    View view = View.contiguous(cpu.allocate(DType.F32, shape.size()), 0, shape);
    float[] values = (float[]) CpuBuffer.array(view);
    Random random = new Random(rows * 31L + columns);
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return view;
  }
}
