package talweg.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import talweg.error.BackendException;
import talweg.error.ClosedScopeException;
import talweg.error.TalwegException;
import talweg.op.RandomKind;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

class CaptureTest {
  private final Session session = Session.open("reference");

  @AfterEach
  void close() {
    session.close();
  }

  @Test
  void aReplayComputesAgainFromNewInputs() {
    Tensor x = session.tensor(new float[] {1, 2, 3}, 3);
    Tensor sum = session.zeros(DType.F32);
    Capture capture = session.capture(() -> sum.assign(x.square().sum()));
    assertEquals(14, sum.item());
    x.assign(new double[] {1, 1, 1});
    assertEquals(14, sum.item());
    capture.replay();
    assertEquals(3, sum.item());
  }

  @Test
  void memoryOfACaptureIsNotGivenToOthersBetweenReplays() {
    Tensor x = session.tensor(new float[] {1, 2, 3}, 3);
    Tensor out = session.zeros(DType.F32, 3);
    Capture capture =
        session.capture(() -> {
          try (Scope _ = session.scope("inner")) {
            out.assign(x.mul(2).add(1));
          }
        });
    Tensor other = session.full(DType.F32, 7, 3);
    Tensor another = session.full(DType.F32, 8, 3);
    capture.replay();
    assertArrayEquals(new float[] {7, 7, 7}, other.toFloats());
    assertArrayEquals(new float[] {8, 8, 8}, another.toFloats());
    assertArrayEquals(new float[] {3, 5, 7}, out.toFloats());
  }

  @Test
  void randomNumbersDifferFromReplayToReplay() {
    Tensor out = session.zeros(DType.F64, 4);
    Capture capture =
        session.capture(() -> {
          out.assign(session.random(RandomKind.UNIFORM, DType.F64, 4));
        });
    double[] first = out.toDoubles();
    capture.replay();
    double[] second = out.toDoubles();
    for (int i = 0; i < 4; i++) {
      assertTrue(first[i] != second[i]);
    }
  }

  @Test
  void anotherSessionsCaptureIsNotReleased() {
    Tensor x = session.zeros(DType.F32, 2);
    Capture capture = session.capture(() -> x.assign(x.add(1)));
    try (Session other = Session.open("reference")) {
      String message =
          assertThrows(TalwegException.class, () -> other.release(capture)).getMessage();
      assertEquals("capture: another session made it; release it there", message);
    }
    capture.replay();
    assertEquals(2, x.toFloats()[0]);
    session.release(capture);
  }

  @Test
  void aConstantOfAReleasedCaptureSaysWhereItWas() {
    Tensor[] made = new Tensor[1];
    session.release(
        session.capture(() -> made[0] = session.tensor(new float[] {1, 2}, 2).named("scale")));
    String message = assertThrows(ClosedScopeException.class, made[0]::toFloats).getMessage();
    assertTrue(message.contains("\"scale\" F32[2]"), message);
    assertTrue(message.contains("inside a capture, which has been released"), message);
  }

  @Test
  void aFailedCaptureLeavesTheSessionUsable() {
    Tensor x = session.tensor(new float[] {1}, 1);
    assertThrows(BackendException.class, () -> session.capture(x::item));
    assertThrows(
        BackendException.class, () -> session.capture(() -> session.capture(() -> x.add(x))));
    assertEquals(2, x.add(x).item());
  }
}
