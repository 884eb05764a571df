package talweg.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConstrainedOptimumTest {
  /** The largest box is a cube; with edge a = sqrt(s / 6), its volume grows by a / 4. */
  @Test
  void theMultiplierIsTheGainOfVolume() {
    PrintStream before = System.out;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try {
      ConstrainedOptimum.main(new String[0]);
    } finally {
      System.setOut(before);
    }
    // A program that people run prints numbers as their language writes them.
    assertEquals(
        List.of(
            "edges %1$.6f x %1$.6f x %1$.6f, volume %2$.6f".formatted(2.0, 8.0),
            "volume per surface by the multiplier  %.6f".formatted(0.5),
            "volume per surface by two other boxes %.6f".formatted(0.5)),
        out.toString(StandardCharsets.UTF_8).lines().toList());
  }
}
