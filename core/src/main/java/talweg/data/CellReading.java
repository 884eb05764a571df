package talweg.data;

import java.util.Set;

/**
 * How the cells of a table are read.
 *
 * @param numbers how numbers are written
 * @param missing further texts that stand for a missing value
 */
record CellReading(CsvOptions.Numbers numbers, Set<String> missing) {
  /** Plain numbers, and nothing beside the usual marks of missing values. */
  static final CellReading PLAIN = new CellReading(CsvOptions.Numbers.PLAIN, Set.of());

  CellReading {
    missing = Set.copyOf(missing);
  }

  static CellReading of(CsvOptions options) {
    return new CellReading(options.numbers(), options.missingTexts());
  }

  /** Whether a cell holds no value. */
  boolean isMissing(String cell) {
    return Cells.isMissing(cell) || !missing.isEmpty() && missing.contains(cell);
  }

  /** The plain number, such as {@code -1.5e3}, that a cell holds; null if it holds none. */
  String number(String cell) {
    boolean plain = numbers != CsvOptions.Numbers.COMMA || cell.indexOf('.') < 0;
    if (plain && Cells.isNumber(cell)) {
      return cell;
    }
    if (numbers == CsvOptions.Numbers.PLAIN) {
      return null;
    }
    DecoratedNumber number = DecoratedNumber.of(cell);
    if (number == null) {
      return null;
    }
    return numbers == CsvOptions.Numbers.POINT ? number.point() : number.comma();
  }

  /** What stands beside the number that a cell holds, such as its unit; empty for nothing. */
  String mark(String cell) {
    if (numbers == CsvOptions.Numbers.PLAIN || Cells.isNumber(cell)) {
      return "";
    }
    DecoratedNumber number = DecoratedNumber.of(cell);
    return number == null ? "" : number.mark();
  }
}
