package talweg.check;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import talweg.error.DataFormatException;

class HeapLimitTest {
  private static final long HEAP = 256 << 20;

  @Test
  void aReaderGetsItsShare() {
    long share = HeapLimit.share(HEAP);
    assertEquals(160 << 20, share);
    assertDoesNotThrow(() -> HeapLimit.require("f", "things", share, "advice", HEAP));
    String message =
        assertThrows(
                DataFormatException.class,
                () -> HeapLimit.require("f", "3 things", share + 1, "use fewer", HEAP))
            .getMessage();
    assertTrue(message.startsWith("f: 3 things need 161 MiB: expected at most 160"), message);
    assertTrue(message.endsWith("raise it with -Xmx, or use fewer"), message);
  }

  @Test
  void aFullHeapIsTheFilesError() {
    assertEquals("x", HeapLimit.reading("f", () -> "x"));
    OutOfMemoryError full = new OutOfMemoryError("Java heap space");
    DataFormatException e =
        assertThrows(
            DataFormatException.class,
            () ->
                HeapLimit.reading(
                    "f",
                    () -> {
                      throw full;
                    }));
    assertTrue(e.getMessage().startsWith("f: needs more memory"), e.getMessage());
    assertEquals(full, e.getCause());
  }
}
