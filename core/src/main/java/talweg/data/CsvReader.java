package talweg.data;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Cuts RFC 4180 text in UTF-8 into rows, one at a time.
 *
 * <p>Beyond the RFC: blank lines are skipped, a byte order mark is skipped, LF, CR LF and CR all
 * end a line, and blanks around a cell are dropped unless they are within its quotes.
 */
final class CsvReader implements AutoCloseable {
  private static final int MAX_CELL_BYTES = 1 << 16;
  private static final int MAX_CELLS = 1 << 18;
  private static final int END_OF_CELL = 0;
  private static final int END_OF_ROW = 1;
  private static final int END_OF_FILE = 2;

  private final ByteSource in;
  private final char delimiter;
  private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
  private byte[] cell = new byte[256];
  private int length;
  private boolean quoted;
  private long line = 1;
  private int width;

  CsvReader(ByteSource in, char delimiter) {
    this.in = in;
    this.delimiter = delimiter;
    skipMark();
  }

  /** The next row that is not blank, or null at the end. */
  CsvRow next() {
    skipBlankLines();
    while (in.peek() >= 0) {
      long start = line;
      List<String> cells = new ArrayList<>(width);
      int end;
      do {
        end = readCell(cells.size() + 1);
        cells.add(text(start, cells.size() + 1));
        if (cells.size() > MAX_CELLS) {
          throw malformed(
              start, "at most " + MAX_CELLS + " cells", "more", "check that this is a table");
        }
      } while (end == END_OF_CELL);
      if (cells.size() > 1 || quoted || !cells.getFirst().isEmpty()) {
        width = cells.size();
        return new CsvRow(start, cells);
      }
    }
    return null;
  }

  @Override
  public void close() {
    in.close();
  }

  private void skipMark() {
    byte[] head = in.head(64);
    ByteSource.Disguise.of(head)
        .ifPresent(d -> {
          throw malformed(1, "comma-separated text", d.what(), d.advice());
        });
    int first = head.length < 2 ? 0 : (head[0] & 0xff) << 8 | head[1] & 0xff;
    if (first == 0xfffe || first == 0xfeff) {
      throw malformed(1, "text in UTF-8", "UTF-16", "save the table as UTF-8");
    }
    if (head.length >= 3 && first == 0xefbb && (head[2] & 0xff) == 0xbf) {
      in.read(new byte[3], 0, 3);
    }
  }

  /** A file may have millions of them: nothing is made of one. */
  private void skipBlankLines() {
    int b = in.peek();
    while (b == '\n' || b == '\r' || b != delimiter && (b == ' ' || b == '\t')) {
      in.read();
      if (b == '\n' || b == '\r' && in.peek() != '\n') {
        line++;
      }
      b = in.peek();
    }
  }

  /** Collects one cell's bytes, and returns what ended it. */
  private int readCell(int column) {
    length = 0;
    quoted = false;
    int b = in.read();
    while (b != delimiter && (b == ' ' || b == '\t')) {
      b = in.read();
    }
    if (b == '"') {
      quoted = true;
      return readQuoted(column);
    }
    int end = ending(b);
    while (end < 0) {
      if (b == '"') {
        throw malformed(
            line,
            column,
            "quotes around the whole cell only",
            "a quote inside the cell",
            "put the cell in quotes and double the quotes within it");
      }
      append(b, column, line);
      b = in.read();
      end = ending(b);
    }
    return end;
  }

  private int readQuoted(int column) {
    long opened = line;
    while (true) {
      int b = in.read();
      if (b < 0) {
        throw malformed(
            opened, column, "a closing quote", "the end of the file", "close or remove the quote");
      }
      if (b == '"') {
        if (in.peek() != '"') {
          break;
        }
        in.read();
      }
      if (b == '\n' || b == '\r' && in.peek() != '\n') {
        line++;
      }
      append(b, column, opened);
    }
    int next = in.read();
    int b = next;
    while (b != delimiter && (b == ' ' || b == '\t')) {
      b = in.read();
    }
    int end = ending(b);
    if (end < 0) {
      int other = next == '\t' ? next : b;
      throw malformed(
          line,
          column,
          "a delimiter or the end of the line after the closing quote",
          Malformed.quote(String.valueOf((char) b)),
          ";\t|,".indexOf(other) >= 0
              ? delimited(String.valueOf((char) other))
              : "double the quotes within a quoted cell");
    }
    return end;
  }

  /** Advice to say which delimiter there is. */
  static String delimited(String delimiter) {
    boolean tab = delimiter.equals("\t");
    return "is the delimiter %s? (CsvOptions.delimiter('%s'))"
        .formatted(tab ? "a tab" : Malformed.quote(delimiter), tab ? "\\t" : delimiter);
  }

  /** What the byte ends, or -1 if it belongs to the cell. */
  private int ending(int b) {
    if (b == delimiter) {
      return END_OF_CELL;
    }
    if (b == '\n' || b == '\r') {
      if (b == '\r' && in.peek() == '\n') {
        in.read();
      }
      line++;
      return END_OF_ROW;
    }
    return b < 0 ? END_OF_FILE : -1;
  }

  private void append(int b, int column, long opened) {
    if (b == 0) {
      throw malformed(line, column, "text", "a zero byte", "save the table as UTF-8 text");
    }
    if (length == MAX_CELL_BYTES) {
      throw malformed(
          opened,
          column,
          "at most " + MAX_CELL_BYTES + " bytes in a cell",
          "more",
          "look for a quote that is not closed");
    }
    if (length == cell.length) {
      cell = Arrays.copyOf(cell, 2 * length);
    }
    cell[length++] = (byte) b;
  }

  private String text(long start, int column) {
    int end = length;
    while (!quoted && end > 0 && (cell[end - 1] == ' ' || cell[end - 1] == '\t')) {
      end--;
    }
    try {
      return utf8.decode(ByteBuffer.wrap(cell, 0, end)).toString();
    } catch (CharacterCodingException e) {
      throw malformed(
          start, column, "text in UTF-8", "bytes that are not", "save the table as UTF-8");
    }
  }

  private RuntimeException malformed(long at, String expected, String got, String advice) {
    return Malformed.at(in.name(), "line " + at, expected, got, advice);
  }

  private RuntimeException malformed(
      long at, int column, String expected, String got, String advice) {
    String where = "line " + at + ", column " + column;
    return Malformed.at(in.name(), where, expected, got, advice);
  }
}
