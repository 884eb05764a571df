package talweg.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static talweg.reference.Layout.values;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.op.RandomKind;
import talweg.spi.Philox;
import talweg.spi.StepState;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

class RandomTest {
  private static final long SEED = 0x1234_5678_9ABC_DEF0L;

  private final ReferenceBackend backend = new ReferenceBackend();

  @Test
  void elementsComeFromTheDocumentedWords() {
    int[] words = new int[4];
    Philox.block(SEED, 3, 11, 1, words);
    double[] f32 = draw(RandomKind.UNIFORM, SEED, 3, 11, DType.F32, 8);
    for (int i = 0; i < 4; i++) {
      assertEquals(Philox.uniform(words[i]), f32[4 + i]);
    }
    double[] f64 = draw(RandomKind.UNIFORM, SEED, 3, 11, DType.F64, 4);
    assertEquals(Philox.uniform(words[0], words[1]), f64[2]);
    assertEquals(Philox.uniform(words[2], words[3]), f64[3]);
  }

  @Test
  void normalsComeInPairs() {
    double[] u = draw(RandomKind.UNIFORM, SEED, 0, 0, DType.F64, 2);
    double[] normal = draw(RandomKind.NORMAL, SEED, 0, 0, DType.F64, 2);
    double radius = Math.sqrt(-2 * Math.log1p(-u[0]));
    assertEquals(radius * Math.cos(2 * Math.PI * u[1]), normal[0]);
    assertEquals(radius * Math.sin(2 * Math.PI * u[1]), normal[1]);
    double[] v = draw(RandomKind.UNIFORM, SEED, 0, 0, DType.F32, 4);
    double[] normal32 = draw(RandomKind.NORMAL, SEED, 0, 0, DType.F32, 4);
    radius = Math.sqrt(-2 * Math.log1p(-v[2]));
    assertEquals((float) (radius * Math.cos(2 * Math.PI * v[3])), normal32[2]);
    assertEquals((float) (radius * Math.sin(2 * Math.PI * v[3])), normal32[3]);
  }

  @ParameterizedTest
  @EnumSource
  void aShorterDrawIsAPrefixOfALongerOne(RandomKind kind) {
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      double[] all = draw(kind, SEED, 1, 5, dtype, 9);
      for (int length = 0; length < 9; length++) {
        double[] some = draw(kind, SEED, 1, 5, dtype, length);
        assertArrayEquals(Arrays.copyOf(all, length), some);
      }
    }
  }

  @Test
  void seedSiteAndCounterMatter() {
    double[] base = draw(RandomKind.UNIFORM, SEED, 1, 5, DType.F32, 4);
    assertArrayEquals(base, draw(RandomKind.UNIFORM, SEED, 1, 5, DType.F32, 4));
    assertFalse(Arrays.equals(base, draw(RandomKind.UNIFORM, ~SEED, 1, 5, DType.F32, 4)));
    assertFalse(Arrays.equals(base, draw(RandomKind.UNIFORM, SEED, 2, 5, DType.F32, 4)));
    assertFalse(Arrays.equals(base, draw(RandomKind.UNIFORM, SEED, 1, 6, DType.F32, 4)));
  }

  @Test
  void normalsHaveMeanZeroAndVarianceOne() {
    int n = 20_000;
    double[] x = draw(RandomKind.NORMAL, 7, 0, 0, DType.F32, n);
    double mean = Arrays.stream(x).sum() / n;
    double variance = Arrays.stream(x).map(v -> v * v).sum() / n;
    assertEquals(0, mean, 5 / Math.sqrt(n));
    assertEquals(1, variance, 5 * Math.sqrt(2.0 / n));
  }

  private double[] draw(
      RandomKind kind, long seed, int site, long counter, DType dtype, int length) {
    double[] content = new double[StepState.LENGTH];
    Arrays.fill(content, -1);
    content[StepState.RANDOM] = counter;
    View state = Layout.SLICED.of(DType.F64, Shape.of(StepState.LENGTH), content);
    View out = Layout.OFFSET.view(dtype, Shape.of(length));
    backend.random(kind, seed, site, state, out);
    assertEquals(Double.NaN, Layout.buffer(out).get(length + 5));
    return values(out);
  }
}
