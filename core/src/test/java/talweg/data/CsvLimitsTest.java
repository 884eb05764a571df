package talweg.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.error.DataFormatException;

/** How long a cell may be. */
class CsvLimitsTest {
  private static final int LONGEST = 1 << 16;

  private static CsvRow row(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteSource source = ByteSource.of("f", new ByteArrayInputStream(bytes), 1 << 19);
    try (CsvReader reader = new CsvReader(source, ',')) {
      return reader.next();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\""})
  void aCellOfTheLargestSizeIsRead(String quote) {
    String cell = "x".repeat(LONGEST);
    assertEquals(cell, row("a," + quote + cell + quote + ",b\n").cells().get(1));
  }

  /** Also one that is many times as long: where the limit is passed over once, nothing ends it. */
  @ParameterizedTest
  @ValueSource(ints = {LONGEST + 1, 3 * LONGEST})
  void aLongerCellIsRefusedWhereItBegins(int length) {
    for (String quote : new String[] {"", "\""}) {
      String text = "a," + quote + "x".repeat(length) + quote + "\n";
      String message = assertThrows(DataFormatException.class, () -> row(text)).getMessage();
      assertTrue(message.startsWith("f: line 1, column 2: "), message);
      assertTrue(message.contains("at most 65536 bytes in a cell"), message);
    }
  }
}
