package talweg.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import talweg.error.OutOfMemoryException;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

class MemoryTest {
  private static final long LIMIT = 1 << 20;
  private static final int QUARTER = (int) (LIMIT / 4 / Float.BYTES);

  @Test
  void theBudgetIsKeptAndTheErrorNamesWhoHoldsTheMemory() {
    try (Session session = new Session(Backends.open("reference"), LIMIT)) {
      session.zeros(DType.F32, QUARTER).named("embedding");
      try (Scope _ = session.scope("step")) {
        Tensor x = session.zeros(DType.F32, QUARTER).named("images");
        x.exp();
        OutOfMemoryException e = assertThrows(OutOfMemoryException.class, () -> x.add(1));
        assertTrue(e.getMessage().contains("asked for 256.0 KiB (F32 [65536])"), e.getMessage());
        assertTrue(e.getMessage().contains("limit 1.0 MiB"), e.getMessage());
        assertTrue(e.getMessage().contains("embedding 256.0 KiB"), e.getMessage());
        assertTrue(e.getMessage().contains("images 256.0 KiB"), e.getMessage());
        assertTrue(e.getMessage().contains("exp in scope \"step\" 256.0 KiB"), e.getMessage());
        assertTrue(session.memory().held() <= LIMIT);
      }
      // What failed left nothing behind: the same room is there again.
      session.zeros(DType.F32, QUARTER);
    }
  }

  @Test
  void idleMemoryIsGivenUpBeforeARequestIsRefused() {
    try (Session session = new Session(Backends.open("reference"), LIMIT)) {
      try (Scope _ = session.scope("small ones")) {
        for (int i = 0; i < 7; i++) {
          session.zeros(DType.F32, QUARTER / 2);
        }
      }
      assertFalse(session.memory().tight());
      session.zeros(DType.F32, 3 * QUARTER);
      assertTrue(session.memory().tight());
      assertTrue(session.memory().peak() <= LIMIT, session.memory()::toString);
    }
  }

  @Test
  void aCaptureThatDoesNotFitGivesItsMemoryBack() {
    try (Session session = new Session(Backends.open("reference"), LIMIT)) {
      Tensor x = session.zeros(DType.F32, QUARTER);
      session.capture(() -> {}).close();
      long before = session.memory().held();
      assertThrows(
          OutOfMemoryException.class,
          () ->
              session.capture(() -> {
                try (Scope _ = session.scope("step")) {
                  Tensor y = x;
                  for (int i = 0; i < 10; i++) {
                    y = y.add(1);
                  }
                }
              }));
      assertEquals(before, session.memory().held());
      Capture small =
          session.capture(() -> {
            try (Scope _ = session.scope("step")) {
              x.assign(x.add(1));
            }
          });
      small.replay();
      assertEquals(2, x.toFloats()[0]);
      session.release(small);
      assertEquals(before, session.memory().held());
    }
  }

  /** They live in the capture's memory, which goes back with them. */
  @Test
  void tensorsThatOutliveTheirCaptureAreGivenBack() {
    Session session = new Session(Backends.open("reference"), LIMIT);
    Tensor x = session.zeros(DType.F32, 8);
    long before = session.bytesHeld();
    try (Scope _ = session.scope("outer")) {
      Tensor[] made = new Tensor[1];
      session.release(session.capture(() -> made[0] = x.add(1)));
      assertThrows(
          IllegalStateException.class,
          () ->
              session.capture(() -> {
                x.add(2);
                throw new IllegalStateException("the body's own");
              }));
      assertEquals(8, made[0].sum().item());
      assertTrue(session.bytesHeld() > before);
    }
    session.close();
    assertEquals(0, session.bytesHeld());
  }

  @Test
  void theFirstNameStays() {
    try (Session session = new Session(Backends.open("reference"), LIMIT)) {
      Tensor flat = session.empty(DType.F32, Shape.of(3 * QUARTER)).named("flat");
      flat.slice(0, 0, QUARTER).named("part");
      OutOfMemoryException e =
          assertThrows(OutOfMemoryException.class, () -> session.zeros(DType.F64, QUARTER));
      assertTrue(e.getMessage().contains("flat 768.0 KiB"), e.getMessage());
    }
  }

  @Test
  void bytesForPeople() {
    assertEquals("1023 bytes", MemoryUse.text(1023));
    assertEquals("1.0 KiB", MemoryUse.text(1024));
    assertEquals("1.5 GiB", MemoryUse.text(3L << 29));
  }
}
