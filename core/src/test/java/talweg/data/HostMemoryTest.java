package talweg.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import talweg.error.DataFormatException;

class HostMemoryTest {
  @Test
  void countsWhatFits() {
    assertEquals(6, HostMemory.floats("f", 2, 3));
    assertEquals(0, HostMemory.floats("f", 2, 0));
  }

  @ParameterizedTest
  @CsvSource({"2147483647,1", "65536,32768", "4294967295,9223372036854775807"})
  void refusesMoreThanAnArrayHolds(long rows, long width) {
    String message = message(rows, width);
    assertTrue(message.startsWith("f: " + rows + " examples of " + width), message);
    assertTrue(message.contains("at most 2147483639 values"), message);
  }

  @Test
  void refusesMoreThanTheHeapHolds() {
    long heap = 64 << 20;
    int most = (int) (heap / 8 * 5 / Float.BYTES);
    assertEquals(most, HostMemory.floats("f", most, 1, heap));
    String message =
        assertThrows(DataFormatException.class, () -> HostMemory.floats("f", most + 1, 1, heap))
            .getMessage();
    assertTrue(message.startsWith("f: 10485761 examples of 1 values need 41 MiB"), message);
    assertTrue(message.contains("at most 40 MiB") && message.contains("-Xmx"), message);
  }

  private static String message(long rows, long width) {
    return assertThrows(DataFormatException.class, () -> HostMemory.floats("f", rows, width))
        .getMessage();
  }
}
