package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import talweg.backend.Prerequisite;
import talweg.error.BackendException;
import talweg.error.BackendUnavailableException;
import talweg.op.UnaryKind;
import talweg.spi.Backend;
import talweg.spi.Buffer;
import talweg.spi.DeviceSpec;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

class CpuBackendTest {
  private final Backend cpu = new CpuProvider().open(DeviceSpec.DEFAULT);

  @Test
  void namesItselfAndItsDevice() {
    assertEquals("cpu", cpu.name());
    assertTrue(cpu.device().matches(".+, \\d+ threads?, .+"), cpu.device());
    assertEquals(Runtime.getRuntime().maxMemory(), cpu.memoryBytes());
  }

  @Test
  void thereIsOneDevice() {
    DeviceSpec second = new DeviceSpec(1, 0);
    BackendUnavailableException e =
        assertThrows(BackendUnavailableException.class, () -> new CpuProvider().open(second));
    assertTrue(e.getMessage().contains("index 1"), e.getMessage());
  }

  @Test
  void buffersLongerThanAnArrayAreRefused() {
    BackendException e =
        assertThrows(BackendException.class, () -> cpu.allocate(DType.U8, 1L << 31));
    assertTrue(e.getMessage().contains("2,147,483,648 elements of U8"), e.getMessage());
  }

  @Test
  void runningOutOfMemorySaysWhatToDo() {
    long length = Integer.MAX_VALUE - 8;
    Prerequisite.require(
        Runtime.getRuntime().maxMemory() <= length * 8, false, "a heap of less than 16 GiB");
    BackendException e =
        assertThrows(BackendException.class, () -> cpu.allocate(DType.F64, length));
    assertTrue(e.getMessage().contains(length * 8 + " bytes"), e.getMessage());
    assertTrue(e.getMessage().contains("raise -Xmx or use a smaller batch"), e.getMessage());
    assertInstanceOf(OutOfMemoryError.class, e.getCause());
  }

  @Test
  void useAfterReleaseIsFound() {
    Buffer buffer = cpu.allocate(DType.F32, 4);
    View view = View.contiguous(buffer, 0, Shape.of(4));
    cpu.release(buffer);
    assertThrows(AssertionError.class, () -> cpu.unary(UnaryKind.ABS, 0, 0, view, view));
    assertThrows(AssertionError.class, () -> cpu.release(buffer));
  }

  @Test
  void brokenPromisesAreFound() {
    View a = View.contiguous(cpu.allocate(DType.F32, 6), 0, Shape.of(2, 3));
    View b = View.contiguous(cpu.allocate(DType.F32, 6), 0, Shape.of(3, 2));
    View wide = View.contiguous(cpu.allocate(DType.F64, 6), 0, Shape.of(2, 3));
    View repeated = new View(a.buffer(), 0, Shape.of(2, 3), new long[] {0, 1});
    assertThrows(AssertionError.class, () -> cpu.copy(a, b));
    assertThrows(AssertionError.class, () -> cpu.copy(a, repeated));
    assertThrows(AssertionError.class, () -> cpu.unary(UnaryKind.ABS, 0, 0, a, wide));
    assertThrows(AssertionError.class, () -> cpu.matmul(false, false, 1, 0, a, a, a));
  }
}
