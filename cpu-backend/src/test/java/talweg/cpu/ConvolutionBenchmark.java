package talweg.cpu;

import java.util.Arrays;
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
import talweg.op.FusedActivation;
import talweg.op.FusedCall;
import talweg.op.Window2d;
import talweg.spi.DeviceSpec;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Size2d;

/**
 * Convolution with bias and ReLU on all processors, forward, and back to input, weight and bias:
 * layers of a small network for digits and of large ones for photographs.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ConvolutionBenchmark {
  private static final Size2d ONE = Size2d.of(1);

  /** Batch, input channels, height, width, output channels, kernel, stride, padding. */
  @Param({
    "32x1x28x28x16x3x1x1",
    "32x16x14x14x32x3x1x1",
    "16x64x56x56x64x3x1x1",
    "16x256x14x14x256x3x1x1",
    "16x3x112x112x64x7x2x3",
    "16x128x28x28x256x1x1x0",
    "1x64x112x112x64x3x1x1"
  })
  private String shape;

  private CpuBackend cpu;
  private FusedCall forward;
  private FusedCall backward;

  @Setup
  public void open() {
    cpu = new CpuBackend(DeviceSpec.DEFAULT);
    int[] s = Arrays.stream(shape.split("x")).mapToInt(Integer::parseInt).toArray();
    Window2d window = new Window2d(Size2d.of(s[5]), Size2d.of(s[6]), ONE);
    Size2d padding = Size2d.of(s[7]);
    int down = (s[2] + 2 * s[7] - s[5]) / s[6] + 1;
    int across = (s[3] + 2 * s[7] - s[5]) / s[6] + 1;
    View x = normals(s[0], s[1], s[2], s[3]);
    View weight = normals(s[4], s[1], s[5], s[5]);
    View bias = normals(s[4]);
    View y = normals(s[0], s[4], down, across);
    View g = normals(s[0], s[4], down, across);
    FusedActivation relu = FusedActivation.RELU;
    forward = new FusedCall.Convolution(x, weight, bias, window, padding, 1, relu, y);
    backward =
        new FusedCall.ConvolutionBackward(
            x,
            weight,
            window,
            padding,
            1,
            relu,
            y,
            g,
            normals(x.dims()),
            normals(weight.dims()),
            0,
            normals(s[4]),
            0);
  }

  @TearDown
  public void close() {
    cpu.close();
  }

  @Benchmark
  public void forward() {
    cpu.run(forward);
  }

  @Benchmark
  public void backward() {
    cpu.run(backward);
  }

  private View normals(int... dims) {
    Shape extents = Shape.of(dims);
    View view = View.contiguous(cpu.allocate(DType.F32, extents.size()), 0, extents);
    float[] values = (float[]) CpuBuffer.array(view);
    Random random = new Random(values.length);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return view;
  }
}
