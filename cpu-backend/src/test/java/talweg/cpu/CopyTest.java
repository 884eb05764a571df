package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import talweg.spi.Buffer;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

class CopyTest {
  static Stream<Arguments> pairs() {
    return Stream.of(DType.values())
        .flatMap(from -> Stream.of(DType.values()).map(to -> Arguments.of(from, to)));
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void copy(DType from, DType to) {
    Twins twins = new Twins(from.ordinal() * 10L + to.ordinal());
    for (Shape shape : ElementwiseTest.shapes(twins)) {
      for (Form form : Form.values()) {
        Twin in = twins.special(from, shape, form);
        Twin out = twins.normal(to, shape, twins.writable());
        twins.run((backend, v) -> backend.copy(v[0], v[1]), in, out);
        twins.assertSame(out);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void transpose(DType dtype) {
    Twins twins = new Twins(dtype.ordinal());
    int[][] shapes = {{100, 37}, {64, 64}, {5, 33, 65}, {33, 3, 40}, {1, 200}};
    for (int[] dims : shapes) {
      Twin in = twins.normal(dtype, Shape.of(dims), Form.TRANSPOSED);
      Twin out = twins.normal(dtype, Shape.of(dims), Form.CONTIGUOUS);
      twins.run((backend, v) -> backend.copy(v[0], v[1]), in, out);
      twins.assertSame(out);
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void fill(DType dtype) {
    Twins twins = new Twins(dtype.ordinal());
    double[] values = {0, -1, 2.5, 300, 1e10, 1.00390625, Double.NaN, Double.NEGATIVE_INFINITY};
    for (Shape shape : ElementwiseTest.shapes(twins)) {
      for (double value : values) {
        Twin out = twins.normal(dtype, shape, twins.writable());
        twins.run((backend, v) -> backend.fill(v[0], value), out);
        twins.assertSame(out);
      }
    }
  }

  /** Beyond 2^53 a detour by way of double would show. */
  @ParameterizedTest
  @EnumSource(DType.class)
  void copiesLongsExactly(DType to) {
    long[] longs = {
      Long.MIN_VALUE,
      Long.MAX_VALUE,
      (1L << 60) + 1,
      -(1L << 55) - 3,
      (1L << 53) + 1,
      // Just above a tie of F32 and of BF16, which double rounding takes for the tie.
      (1L << 62) + (1L << 38) + 1,
      (1L << 62) + (1L << 54) + 1,
      (1L << 62) + (1L << 54)
    };
    Twins twins = new Twins(0);
    Shape shape = Shape.of(longs.length);
    Twin in = twins.normal(DType.I64, shape, Form.CONTIGUOUS);
    Twin out = twins.normal(to, shape, Form.CONTIGUOUS);
    twins.run((backend, v) -> backend.upload(MemorySegment.ofArray(longs), v[0]), in);
    twins.run((backend, v) -> backend.copy(v[0], v[1]), in, out);
    if (to == DType.I64) {
      long[] result = new long[longs.length];
      twins.cpu.download(out.actual(), MemorySegment.ofArray(result));
      assertArrayEquals(longs, result);
    } else {
      twins.assertSame(out);
    }
  }

  @Test
  void uploadsAndDownloadsPartsOfBuffers() {
    Twins twins = new Twins(0);
    Buffer buffer = twins.cpu.allocate(DType.F32, 10);
    View whole = View.contiguous(buffer, 0, Shape.of(10));
    View part = View.contiguous(buffer, 3, Shape.of(2, 2));
    twins.cpu.fill(whole, 7);
    twins.cpu.upload(MemorySegment.ofArray(new float[] {1, 2, 3, 4}), part);
    float[] all = new float[10];
    twins.cpu.download(whole, MemorySegment.ofArray(all));
    assertArrayEquals(new float[] {7, 7, 7, 1, 2, 3, 4, 7, 7, 7}, all);
    float[] some = new float[4];
    twins.cpu.download(part, MemorySegment.ofArray(some));
    assertArrayEquals(new float[] {1, 2, 3, 4}, some);
  }
}
