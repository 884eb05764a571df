package talweg.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UninterruptedTest {
  private int runs;

  @AfterEach
  void clear() {
    boolean unused = Thread.interrupted();
  }

  @Test
  void theInterruptIsKeptForLater() throws IOException {
    Thread.currentThread().interrupt();
    assertFalse(Uninterrupted.run(() -> Thread.currentThread().isInterrupted()));
    assertTrue(Thread.interrupted());
    assertFalse(Uninterrupted.run(() -> Thread.currentThread().isInterrupted()));
    assertFalse(Thread.interrupted());
  }

  @Test
  void whatAnInterruptEndedIsRunAgain() throws IOException {
    int answer =
        Uninterrupted.run(() -> {
          if (++runs < 3) {
            Thread.currentThread().interrupt();
            throw new ClosedByInterruptException();
          }
          return runs;
        });
    assertEquals(3, answer);
    assertTrue(Thread.interrupted());
  }

  @Test
  void otherErrorsComeOut() {
    Thread.currentThread().interrupt();
    assertThrows(
        IOException.class,
        () ->
            Uninterrupted.run(() -> {
              throw new IOException("disk");
            }));
    assertTrue(Thread.interrupted());
  }
}
