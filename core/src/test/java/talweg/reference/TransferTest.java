package talweg.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static talweg.reference.Layout.values;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

class TransferTest {
  private static final Shape SHAPE = Shape.of(2, 3);

  private final ReferenceBackend backend = new ReferenceBackend();

  @ParameterizedTest
  @EnumSource
  void hostMemoryOfEveryKindMakesTheRoundTrip(DType dtype) {
    int bytes = 6 * dtype.bytes();
    double[] content = {1, 2, 3, 4, 5, 6};
    View in = Layout.OFFSET.of(dtype, SHAPE, content);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment[] hosts = {
        arena.allocate(bytes),
        arena.allocate(bytes + 1).asSlice(1),
        MemorySegment.ofArray(new byte[bytes]),
        MemorySegment.ofArray(new short[bytes / 2]),
        MemorySegment.ofArray(new long[bytes / 8 + 1]).asSlice(0, bytes)
      };
      for (MemorySegment host : hosts) {
        View out = Layout.OFFSET.view(dtype, SHAPE);
        backend.download(in, host);
        backend.upload(host, out);
        assertArrayEquals(content, values(out));
      }
    }
  }

  @Test
  void elementsAreInNativeOrder() {
    View out = Layout.OFFSET.view(DType.F32, SHAPE);
    float[] host = {1.5f, -2, Float.NaN, 4, 5, 6};
    backend.upload(MemorySegment.ofArray(host), out);
    assertEquals(-2, values(out)[1]);
    assertEquals(Double.NaN, values(out)[2]);
    MemorySegment raw = MemorySegment.ofArray(new byte[24]);
    backend.download(out, raw);
    assertEquals(1.5f, raw.get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0));
  }

  @Test
  void onlyTheViewIsWritten() {
    View out = Layout.OFFSET.view(DType.F64, Shape.of(2));
    backend.upload(MemorySegment.ofArray(new double[] {1, 2}), out);
    assertEquals(Double.NaN, Layout.buffer(out).get(4));
    assertEquals(Double.NaN, Layout.buffer(out).get(7));
    backend.upload(MemorySegment.ofArray(new double[0]), Layout.vector(DType.F64));
  }

  @Test
  void stridedViewsAreRefused() {
    View strided = Layout.REVERSED_AXES.view(DType.F32, SHAPE);
    MemorySegment host = MemorySegment.ofArray(new float[6]);
    assertThrows(AssertionError.class, () -> backend.upload(host, strided));
    assertThrows(AssertionError.class, () -> backend.download(strided, host));
  }
}
