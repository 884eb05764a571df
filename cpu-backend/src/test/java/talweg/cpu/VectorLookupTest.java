package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VectorLookupTest {
  @AfterEach
  void clear() {
    System.clearProperty(VectorLookup.SWITCH);
  }

  @Test
  void canBeSwitchedOff() {
    System.setProperty(VectorLookup.SWITCH, "false");
    String reason = VectorLookup.obstacle().orElseThrow();
    assertTrue(reason.contains("-Dtalweg.cpu.vector=false"), reason);
  }

  @Test
  void narrowVectorsAreRefused() {
    assertEquals(Optional.empty(), VectorLookup.widthObstacle("aarch64", 128));
    assertEquals(Optional.empty(), VectorLookup.widthObstacle("amd64", 256));
    String reason = VectorLookup.widthObstacle("amd64", 128).orElseThrow();
    assertTrue(reason.contains("128 bits, expected 256"), reason);
    assertTrue(VectorLookup.widthObstacle("aarch64", 64).isPresent());
  }
}
