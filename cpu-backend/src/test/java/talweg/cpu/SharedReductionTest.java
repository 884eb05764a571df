package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.op.ReduceKind;
import talweg.spi.Backend;
import talweg.spi.Buffer;
import talweg.spi.DeviceSpec;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/** Reductions that are large enough to be done in parts. */
class SharedReductionTest {
  private static final List<Shape> LARGE =
      List.of(Shape.of(300_000), Shape.of(3, 200_000), Shape.of(200_000, 3));

  @ParameterizedTest
  @EnumSource(ReduceKind.class)
  void largeOnesAgreeWithTheReference(ReduceKind kind) {
    Twins twins = new Twins(kind.ordinal());
    for (DType dtype : List.of(DType.F32, DType.F64)) {
      for (Shape shape : LARGE) {
        for (Form form : List.of(Form.CONTIGUOUS, Form.TRANSPOSED)) {
          check(twins, kind, dtype, shape, form, 0);
          if (shape.rank() == 2) {
            check(twins, kind, dtype, shape, form, 1);
            if (!kind.isIndex()) {
              check(twins, kind, dtype, shape, form, 0, 1);
            }
          }
        }
      }
    }
  }

  private static void check(
      Twins twins, ReduceKind kind, DType dtype, Shape shape, Form form, int... axes) {
    Twin in = twins.positive(dtype, shape, form);
    Shape reduced = shape.reduced(axes, true);
    Twin out = twins.normal(kind.isIndex() ? DType.I32 : dtype, reduced, Form.CONTIGUOUS);
    int axis = axes.length == 1 ? axes[0] : -1;
    twins.run((backend, v) -> backend.reduce(kind, axis, v[0], v[1]), in, out);
    twins.assertClose(out, kind.isSum() ? Twins.tolerance(dtype) : 0, 0);
  }

  /**
   * Two large terms in different parts cancel; what is left of the parts they are in fits into no
   * float beside them.
   */
  @Test
  void sumsOfPartsAreKeptInDouble() {
    int n = 1 << 18;
    float[] values = new float[n];
    double sum = 0;
    for (int i = 0; i < n; i++) {
      values[i] = i == 0 ? 1e8f : i == n / 2 ? -1e8f : 1.25f;
      sum += values[i];
    }
    for (Shape shape : List.of(Shape.of(n), Shape.of(n / 4, 4), Shape.of(4, n / 4))) {
      assertEquals((float) sum, reduced(ReduceKind.SUM, values, shape), shape::toString);
      assertEquals((float) (sum / n), reduced(ReduceKind.MEAN, values, shape), shape::toString);
    }
  }

  private static float reduced(ReduceKind kind, float[] values, Shape shape) {
    try (Backend cpu = new CpuBackend(DeviceSpec.DEFAULT);
        Arena arena = Arena.ofConfined()) {
      Buffer buffer = cpu.allocate(DType.F32, values.length);
      View in = View.contiguous(buffer, 0, shape);
      cpu.upload(MemorySegment.ofArray(values), in);
      int[] ones = new int[shape.rank()];
      java.util.Arrays.fill(ones, 1);
      View out = View.contiguous(cpu.allocate(DType.F32, 1), 0, Shape.of(ones));
      cpu.reduce(kind, -1, in, out);
      MemorySegment result = arena.allocate(ValueLayout.JAVA_FLOAT);
      cpu.download(out, result);
      return result.get(ValueLayout.JAVA_FLOAT, 0);
    }
  }
}
