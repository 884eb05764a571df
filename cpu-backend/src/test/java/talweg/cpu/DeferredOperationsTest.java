package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import talweg.op.UnaryKind;
import talweg.spi.DeviceSpec;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/** What passes between host and device comes behind the operations that were issued before it. */
class DeferredOperationsTest {
  /** Enough for an operation to be deferred. */
  private static final int SIZE = 3 * Elementwise.CHUNK;

  private final CpuBackend cpu = new CpuBackend(new DeviceSpec(0, 2));

  @AfterEach
  void close() {
    cpu.close();
  }

  private View filled(float value) {
    View view = View.contiguous(cpu.allocate(DType.F32, SIZE), 0, Shape.of(SIZE));
    upload(value, view);
    return view;
  }

  private void upload(float value, View out) {
    cpu.upload(MemorySegment.ofArray(all(value)), out);
  }

  private static float[] all(float value) {
    float[] values = new float[SIZE];
    Arrays.fill(values, value);
    return values;
  }

  private float[] read(View view) {
    float[] values = new float[SIZE];
    cpu.download(view, MemorySegment.ofArray(values));
    return values;
  }

  @Test
  void anUploadDoesNotOvertakeOperationsThatReadItsTarget() {
    View in = filled(3);
    View out = filled(0);
    cpu.unary(UnaryKind.SQUARE, 0, 0, in, out);
    upload(7, in);
    assertArrayEquals(all(9), read(out));
    assertArrayEquals(all(7), read(in));
  }

  @Test
  void anUploadDoesNotOvertakeOperationsThatWriteItsTarget() {
    View in = filled(3);
    View out = filled(0);
    cpu.unary(UnaryKind.SQUARE, 0, 0, in, out);
    upload(7, out);
    assertArrayEquals(all(7), read(out));
  }

  @Test
  void aDownloadSeesWhatWasIssuedBefore() {
    View in = filled(3);
    cpu.unary(UnaryKind.SQUARE, 0, 0, in, in);
    cpu.affine(2, 1, in, in);
    assertArrayEquals(all(19), read(in));
  }
}
