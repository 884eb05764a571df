package talweg.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import talweg.error.DataFormatException;

class CsvReaderTest {
  private static List<CsvRow> rows(byte[] text, char delimiter) {
    List<CsvRow> rows = new ArrayList<>();
    ByteSource source = ByteSource.of("f", new ByteArrayInputStream(text), 1 << 19);
    try (CsvReader reader = new CsvReader(source, delimiter)) {
      for (CsvRow row = reader.next(); row != null; row = reader.next()) {
        rows.add(row);
      }
    }
    return rows;
  }

  private static List<List<String>> cells(String text) {
    return rows(utf8(text), ',').stream().map(CsvRow::cells).toList();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void refuses(byte[] text, String... parts) {
    String message = assertThrows(DataFormatException.class, () -> rows(text, ',')).getMessage();
    assertTrue(message.startsWith("f: "), message);
    for (String part : parts) {
      assertTrue(message.contains(part), part + " in: " + message);
    }
  }

  @Test
  void cutsCells() {
    assertEquals(List.of(List.of("a", "", "c"), List.of("", "", "")), cells("a,,c\n,,\n"));
    assertEquals(List.of(List.of("a", "b"), List.of("c", "")), cells("a,b\nc,"));
    assertEquals(List.of(List.of("a b", "c")), cells(" a b\t, c \n"));
    assertEquals(List.of(), cells(""));
    assertEquals(List.of(), cells("\n\n  \n"));
  }

  @Test
  void readsQuotedCells() {
    assertEquals(List.of(List.of("a,b", "say \"hi\"")), cells("\"a,b\",\"say \"\"hi\"\"\"\n"));
    assertEquals(List.of(List.of("two\nlines", "x")), cells("\"two\nlines\",x"));
    assertEquals(List.of(List.of(" kept ", "")), cells("  \" kept \" ,\"\"\r\n"));
    assertEquals(List.of(List.of("")), cells("\"\"\n"));
    assertEquals(List.of(List.of("\"")), cells("\"\"\"\""));
  }

  @Test
  void countsPhysicalLines() {
    List<CsvRow> rows = rows(utf8("a\r\n\r\n\"x\r\ny\nz\",1\rb\n\n\nc"), ',');
    assertEquals(List.of(1L, 3L, 6L, 9L), rows.stream().map(CsvRow::line).toList());
    assertEquals("x\r\ny\nz", rows.get(1).cells().get(0));
  }

  @Test
  void skipsAByteOrderMark() {
    assertEquals(List.of(List.of("a", "b")), cells("\ufeffa,b\n"));
    assertEquals(List.of(List.of("a", "b")), cells("\ufeff\"a\",b\n"));
  }

  @Test
  void readsUtf8AndOtherDelimiters() {
    assertEquals(List.of(List.of("größe", "日本", "😀")), cells("größe,日本,😀"));
    assertEquals(List.of("a,b", "", "c"), rows(utf8("a,b\t\tc"), '\t').getFirst().cells());
    assertEquals(List.of("a", "1,5"), rows(utf8("a;1,5"), ';').getFirst().cells());
  }

  @Test
  void refusesQuotesOutOfPlace() {
    refuses(utf8("a,b\nc,\"open\n1,2\n"), "line 2, column 2", "closing quote", "end of the file");
    refuses(utf8("a,5\" disk\n"), "line 1, column 2", "a quote inside the cell");
    refuses(utf8("a,\"b\"c\n"), "line 1, column 2", "got \"c\"");
  }

  @Test
  void refusesWhatIsNotUtf8Text() {
    refuses(new byte[] {'a', ',', (byte) 0xff, '\n'}, "line 1, column 2", "UTF-8");
    refuses("a,b\nö,1".getBytes(StandardCharsets.ISO_8859_1), "line 2, column 1", "UTF-8");
    refuses(new byte[] {'a', 0, 'b'}, "line 1, column 1", "zero byte");
    refuses("a,b\n".getBytes(StandardCharsets.UTF_16), "line 1", "UTF-16");
    refuses(utf8("<!doctype html>\n"), "line 1", "a web page");
    refuses(utf8("version https://git-lfs.github.com/spec/v1\n"), "git lfs pull");
  }

  @Test
  void limitsCellsRowsAndFiles() {
    refuses(utf8("a,\"" + "x".repeat(1 << 17)), "line 1, column 2", "at most 65536 bytes");
    refuses(utf8(",".repeat(1 << 18)), "line 1", "at most 262144 cells");
    refuses(utf8("a,b\n".repeat(140_000)), "byte 524288", "at most 524288 bytes");
    refuses(TestFiles.gzip(utf8("a,b\n".repeat(140_000))), "at most 524288 unpacked bytes");
  }

  @Test
  void messagesDoNotSteerATerminal() {
    assertEquals("\"\\u001b[31mred\\u202e\"", Malformed.quote("\u001b[31mred\u202e"));
    assertEquals("\"" + "x".repeat(40) + "...\"", Malformed.quote("x".repeat(41)));
  }

  @Test
  void readsBackWhatWasWritten() {
    long seed = System.nanoTime();
    System.out.println("CsvReaderTest.readsBackWhatWasWritten: seed " + seed);
    Random random = new Random(seed);
    String[] ends = {"\n", "\r\n", "\r"};
    for (int round = 0; round < 200; round++) {
      List<List<String>> table = new ArrayList<>();
      StringBuilder text = new StringBuilder();
      for (int r = 0; r < 5; r++) {
        List<String> row = new ArrayList<>();
        for (int c = 0; c < 4; c++) {
          row.add(randomCell(random));
          text.append(c > 0 ? "," : "").append(quoted(row.getLast()));
        }
        table.add(row);
        text.append(ends[random.nextInt(3)]);
      }
      assertEquals(table, cells(text.toString()));
    }
  }

  private static String randomCell(Random random) {
    String letters = "ab,\"\n\r é1 ";
    StringBuilder cell = new StringBuilder();
    for (int i = random.nextInt(6); i > 0; i--) {
      cell.append(letters.charAt(random.nextInt(letters.length())));
    }
    return cell.toString();
  }

  private static String quoted(String cell) {
    return "\"" + cell.replace("\"", "\"\"") + "\"";
  }

  @Test
  void randomBytesNeverFailOtherwise() {
    long seed = System.nanoTime();
    System.out.println("CsvReaderTest.randomBytesNeverFailOtherwise: seed " + seed);
    Random random = new Random(seed);
    byte[] likely = utf8("a1,\"\"\n\r\t ;é\0");
    for (int round = 0; round < 2000; round++) {
      byte[] text = new byte[random.nextInt(30)];
      for (int i = 0; i < text.length; i++) {
        text[i] = likely[random.nextInt(likely.length)];
      }
      try {
        rows(text, ',').forEach(row -> assertTrue(row.size() > 0));
      } catch (DataFormatException e) {
        assertTrue(e.getMessage().contains("expected"), e.getMessage());
      }
    }
  }
}
