package talweg.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import talweg.error.DataFormatException;

class DigitsTest {
  private static String row(int first, int label) {
    return IntStream.range(0, 64)
            .mapToObj(p -> Integer.toString(p == 0 ? first : p % 17))
            .collect(Collectors.joining(","))
        + ","
        + label
        + "\n";
  }

  private static Dataset read(String text) {
    byte[] packed = TestFiles.gzip(text.getBytes(StandardCharsets.UTF_8));
    return Digits.read(new ByteArrayInputStream(packed));
  }

  private static void refuses(String text, String... parts) {
    String message = assertThrows(DataFormatException.class, () -> read(text)).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  @Test
  void readsPixelsAndLabels() {
    Dataset data = read(row(16, 9) + row(8, 0));
    assertEquals("digits: 2 examples [8, 8], 10 classes", data.toString());
    assertArrayEquals(new int[] {9, 0}, data.labels());
    assertEquals(1f, data.features(0)[0]);
    assertEquals(0.5f, data.features(1)[0]);
    assertEquals(5 / 16f, data.features(1)[5]);
    assertEquals("9", data.classNames().get(9));
  }

  @Test
  void readsPlainTextAndClosesTheStream() {
    AtomicBoolean closed = new AtomicBoolean();
    byte[] text = row(1, 2).getBytes(StandardCharsets.UTF_8);
    Dataset data =
        Digits.read(
            new ByteArrayInputStream(text) {
              @Override
              public void close() {
                closed.set(true);
              }
            });
    assertEquals(1, data.size());
    assertTrue(closed.get());
  }

  @Test
  void refusesWhatIsNotDigits() {
    refuses("", "line 1", "empty");
    refuses(row(1, 2) + "1,2,3\n", "line 2", "65 cells", "got 3");
    refuses(row(17, 2), "line 1, column 1", "0..16", "\"17\"");
    refuses(row(1, 10), "column 65", "0..9", "\"10\"");
    refuses(row(1, 2).replaceFirst("1", "1.5"), "column 1", "\"1.5\"");
    refuses(row(1, 2).replaceFirst("1", ""), "column 1", "\"\"");
    refuses(row(1, 2).replaceFirst("1", "-1"), "column 1", "\"-1\"");
    refuses(row(1, 2).replaceFirst("1", "99999999999"), "column 1");
  }
}
