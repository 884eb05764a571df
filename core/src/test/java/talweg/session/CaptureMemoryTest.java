package talweg.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import talweg.backend.CountedBuffers;
import talweg.reference.ReferenceProvider;
import talweg.spi.DeviceSpec;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/** Memory of a capture is its own as long as it lasts, and then goes back to the device. */
class CaptureMemoryTest {
  private final CountedBuffers buffers =
      new CountedBuffers(new ReferenceProvider().open(DeviceSpec.DEFAULT));
  private final Session session = new Session(buffers.backend());

  @AfterEach
  void close() {
    session.close();
    assertEquals(0, buffers.live());
    assertEquals(0, buffers.liveBytes());
  }

  private void work(Tensor x, Tensor out) {
    try (Scope _ = session.scope("body")) {
      out.assign(x.mul(2).add(1));
    }
  }

  @Test
  void aReleasedCaptureReturnsItsMemory() {
    Tensor x = session.zeros(DType.F32, 1000);
    Tensor out = session.zeros(DType.F32, 1000);
    session.capture(() -> {}).close();
    session.trimMemory();
    long before = buffers.liveBytes();
    Capture capture = session.capture(() -> work(x, out));
    assertTrue(buffers.liveBytes() >= before + 4000, "it holds memory of its own");
    session.trimMemory();
    assertTrue(buffers.liveBytes() >= before + 4000, "which is not idle");
    session.release(capture);
    assertEquals(before, buffers.liveBytes());
    assertEquals(before, session.bytesHeld());
  }

  @Test
  void aFailedCaptureReturnsItsMemory() {
    Tensor x = session.zeros(DType.F32, 1000);
    Tensor out = session.zeros(DType.F32, 1000);
    session.capture(() -> {}).close();
    session.trimMemory();
    long before = buffers.liveBytes();
    assertThrows(
        IllegalStateException.class,
        () ->
            session.capture(() -> {
              work(x, out);
              throw new IllegalStateException("stop");
            }));
    assertEquals(before, buffers.liveBytes());
  }

  /** A comparison finds room where a training found just enough for its recording. */
  @Test
  void aComparisonTakesNoMemoryWhereItIsTight() {
    try (Session tight = new Session(buffers.backend(), 40_000)) {
      Tensor x = tight.zeros(DType.F32, 1000);
      Tensor out = tight.zeros(DType.F32, 1000);
      Runnable body =
          () -> {
            try (Scope _ = tight.scope("body")) {
              out.assign(x.mul(2).add(1).exp());
            }
          };
      tight.zeros(DType.F32, 5000).free();
      Capture capture = tight.capture(body);
      Tensor rest = tight.zeros(DType.F32, (int) (40_000 - tight.bytesHeld()) / 4 / 1024 * 1024);
      assertTrue(tight.memory().tight());
      long allocations = buffers.allocations();
      capture.rerun(body);
      assertEquals(allocations, buffers.allocations());
      assertEquals(Math.exp(1), out.toFloats()[999], 1e-6);
      assertEquals(0, rest.toFloats()[0]);
    }
  }

  @Test
  void replaysTakeNoMemory() {
    Tensor x = session.zeros(DType.F32, 1000);
    Tensor out = session.zeros(DType.F32, 1000);
    Capture capture = session.capture(() -> work(x, out));
    long allocations = buffers.allocations();
    for (int i = 0; i < 100; i++) {
      capture.replay();
    }
    assertEquals(allocations, buffers.allocations());
  }
}
