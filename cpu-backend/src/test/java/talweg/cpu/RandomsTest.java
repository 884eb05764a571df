package talweg.cpu;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.op.RandomKind;
import talweg.spi.StepState;
import talweg.tensor.DType;
import talweg.tensor.Shape;

class RandomsTest {
  @ParameterizedTest
  @EnumSource(RandomKind.class)
  void bitsAreTheReferences(RandomKind kind) {
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      for (int size : new int[] {0, 1, 2, 3, 4, 5, 1001}) {
        Twins twins = new Twins(size);
        Twin out = twins.normal(dtype, Shape.of(size), Form.CONTIGUOUS);
        int[] next = {0};
        Twin state =
            twins.of(
                DType.F64,
                Shape.of(StepState.LENGTH),
                Form.SLICED,
                () -> (double) (1L << 40) + next[0]++);
        long seed = 0x123456789ABCDEFL;
        twins.run((backend, v) -> backend.random(kind, seed, -7, v[0], v[1]), state, out);
        twins.assertSame(out);
      }
    }
  }
}
