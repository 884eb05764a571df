package talweg.data;

import java.util.Locale;
import java.util.Set;
import talweg.error.DataFormatException;

/** What the text of one table cell stands for. */
final class Cells {
  // Every integer up to here is exact as a double.
  private static final double MAX_EXACT = 0x1p53;

  /** Texts, in lower case, that often stand for a missing value, but can also be names. */
  private static final Set<String> MARKS =
      Set.of(
          "n/a", "#n/a", "na", "<na>", "n.a.", "null", "none", "nil", "nat", "missing", "unknown",
          "-", "--", "---", ".", "..", "*", "**", "#", "??", "-nan", "+nan", "#value!", "#div/0!");

  private Cells() {}

  /** Whether the cell holds no value: empty, {@code NA}, {@code ?}, or {@code nan} in any case. */
  static boolean isMissing(String cell) {
    return cell.isEmpty() || cell.equals("?") || cell.equals("NA") || cell.equalsIgnoreCase("nan");
  }

  /** Whether the cell looks as if it stood for a missing value, although it need not. */
  static boolean looksMissing(String cell) {
    return cell.length() <= 8 && MARKS.contains(cell.toLowerCase(Locale.ROOT));
  }

  /**
   * Whether the cell is a decimal number such as {@code -1.5e3}. Java's own parser would also take
   * {@code 1f}, {@code 0x1p3} and {@code Infinity}.
   */
  static boolean isNumber(String cell) {
    int at = sign(cell, 0);
    int whole = digits(cell, at);
    int digits = whole - at;
    at = whole;
    if (at < cell.length() && cell.charAt(at) == '.') {
      int fraction = digits(cell, at + 1);
      digits += fraction - at - 1;
      at = fraction;
    }
    if (digits > 0 && at < cell.length() && (cell.charAt(at) | 0x20) == 'e') {
      int exponent = sign(cell, at + 1);
      at = digits(cell, exponent);
      digits = at - exponent;
    }
    return digits > 0 && at == cell.length();
  }

  /** Whether the cell is nothing but digits, at most so many: 9 always fit into an int. */
  static boolean isWhole(String cell, int maxDigits) {
    return !cell.isEmpty() && cell.length() <= maxDigits && digits(cell, 0) == cell.length();
  }

  /** Whether the cell is a number without a fractional part, however it is written. */
  static boolean isInteger(String cell) {
    if (!isNumber(cell)) {
      return false;
    }
    double value = Double.parseDouble(cell);
    return value == Math.rint(value) && Math.abs(value) <= MAX_EXACT;
  }

  /** The cell as the name of a class: {@code 1}, {@code 1.0} and {@code +1} are one. */
  static String className(String cell) {
    return isInteger(cell) ? Long.toString((long) Double.parseDouble(cell)) : cell;
  }

  /**
   * The value of a plain number.
   *
   * @param plain a text that {@link #isNumber} accepts
   * @throws DataFormatException if it is a number, but too large
   */
  static double toDouble(String file, long line, int column, String name, String plain) {
    double value = Double.parseDouble(plain);
    if (Float.isInfinite((float) value)) {
      throw Malformed.at(
          file,
          "line " + line + ", " + CsvLayout.place(column, name),
          "a number within +-3.4e38, the range of 32-bit floats",
          Malformed.quote(plain),
          "rescale the column");
    }
    return value;
  }

  private static int sign(String text, int at) {
    return at < text.length() && (text.charAt(at) == '-' || text.charAt(at) == '+') ? at + 1 : at;
  }

  private static int digits(String text, int at) {
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at;
  }
}
