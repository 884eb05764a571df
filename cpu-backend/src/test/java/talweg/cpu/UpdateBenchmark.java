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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import talweg.op.FusedCall;
import talweg.spi.DeviceSpec;
import talweg.spi.StepState;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/**
 * The fused optimizer updates on all processors: what does an optimizer cost beside AdamW, and what
 * a thousand tensors beside one? The sizes fit into the second-level caches, into the third at
 * best, and into none.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class UpdateBenchmark {
  /** Which update. */
  public enum Kind {
    ADAM,
    SGD,
    RMSPROP,
    ADAGRAD,
    LAMB
  }

  @Param private Kind kind;

  @Param({"100000", "1000000", "16000000"})
  private int length;

  @Param({"1", "1000"})
  private int tensors;

  private CpuBackend cpu;
  private FusedCall call;

  @Setup
  public void open() {
    cpu = new CpuBackend(DeviceSpec.DEFAULT);
    // At a rate of 0, so that after a million updates weights are still the numbers they were.
    FusedCall.Update update =
        new FusedCall.Update(
            buffer(0.5), buffer(1e-3), segments(), doubles(tensors), doubles(1, 1, 0), state());
    View first = buffer(0);
    double no = Double.POSITIVE_INFINITY;
    call =
        switch (kind) {
          case ADAM ->
              new FusedCall.AdamStep(
                  update, doubles(1, 6, 0.9, 0.999, 1e-8, 0, 0.01, no), first, buffer(0), null);
          case SGD -> new FusedCall.SgdStep(update, doubles(1, 5, 0.9, 0, 0, 0, no), first);
          case RMSPROP ->
              new FusedCall.RmsPropStep(
                  update, doubles(1, 5, 0.99, 1e-8, 0, 0, no), first, null, null);
          case ADAGRAD -> new FusedCall.AdagradStep(update, doubles(1, 4, 1e-10, 0, 0, no), first);
          case LAMB ->
              new FusedCall.LambStep(
                  update,
                  doubles(1, 11, 0.9, 0.999, 1e-6, 0, 0.01, 0.1, 1, 1, 0, no, no),
                  first,
                  buffer(0),
                  doubles(tensors));
        };
  }

  private View buffer(double value) {
    View view = View.contiguous(cpu.allocate(DType.F32, length), 0, Shape.of(length));
    cpu.fill(view, value);
    return view;
  }

  private View doubles(int n) {
    return View.contiguous(cpu.allocate(DType.F64, n), 0, Shape.of(n));
  }

  private View doubles(int rows, int columns, double... values) {
    View view = View.contiguous(cpu.allocate(DType.F64, values.length), 0, Shape.of(rows, columns));
    System.arraycopy(values, 0, (double[]) CpuBuffer.array(view), 0, values.length);
    return view;
  }

  private View state() {
    View view = doubles(StepState.LENGTH);
    double[] state = (double[]) CpuBuffer.array(view);
    state[StepState.GRAD_SCALE] = 1;
    state[StepState.WRITE] = 1;
    return view;
  }

  private View segments() {
    int columns = FusedCall.Segment.COLUMNS;
    View view =
        View.contiguous(cpu.allocate(DType.I64, tensors * columns), 0, Shape.of(tensors, columns));
    long[] table = (long[]) CpuBuffer.array(view);
    for (int s = 0; s < tensors; s++) {
      table[s * columns] = (long) s * (length / tensors);
      table[s * columns + 1] = length / tensors;
      table[s * columns + 3] = 1;
    }
    return view;
  }

  @TearDown
  public void close() {
    cpu.close();
  }

  @Benchmark
  public void update() {
    cpu.run(call);
  }
}
