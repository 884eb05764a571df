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
    assertEquals(
        List.of(
            "edges 2.000000 x 2.000000 x 2.000000, volume 8.000000",
            "volume per surface by the multiplier  0.500000",
            "volume per surface by two other boxes 0.500000"),
        out.toString(StandardCharsets.UTF_8).lines().toList());
  }
}
