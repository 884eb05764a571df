package talweg.data;

/**
 * How the numbers of a column become 32-bit floats. Where those are too coarse for the column, as
 * for seconds since 1970, numbers are shifted and scaled in double first.
 *
 * @param mark what stands beside each number, such as a unit; empty for nothing
 * @param origin what is subtracted; 0 where floats do
 * @param scale what the rest is divided by, positive; 1 where floats do
 */
record CsvNumber(String mark, double origin, double scale) {
  /** Plain numbers for which floats do. */
  static final CsvNumber PLAIN = new CsvNumber("", 0, 1);

  /** For numbers that lie so, with something beside them. */
  static CsvNumber of(Spread spread, String mark) {
    return spread.isTooFine()
        ? new CsvNumber(mark, spread.mean(), spread.deviation())
        : new CsvNumber(mark, 0, 1);
  }

  /** Whether numbers are shifted and scaled. */
  boolean isShifted() {
    return origin != 0 || scale != 1;
  }

  /** The same, with floats of the numbers themselves. */
  CsvNumber unshifted() {
    return new CsvNumber(mark, 0, 1);
  }

  float encode(double value) {
    return (float) ((value - origin) / scale);
  }

  double restore(double encoded) {
    return origin + scale * encoded;
  }

  /**
   * The float for a cell of one of a row's columns.
   *
   * @throws talweg.error.DataFormatException if it holds no number, one with another unit, or one
   *     that is too large
   */
  float encode(String file, CsvRow row, int column, String name, CellReading reading) {
    String cell = row.cells().get(column);
    String plain = reading.number(cell);
    if (plain == null) {
      throw CsvLayout.notNumber(file, column, name, new CsvColumn.Spot(row.line(), cell), "");
    }
    String own = reading.mark(cell);
    if (!own.isEmpty() && !own.equals(mark)) {
      throw Malformed.at(
          file,
          "line " + row.line() + ", " + CsvLayout.place(column, name),
          mark.isEmpty()
              ? "a number alone, as in the training rows"
              : "a number with %s as in the training rows".formatted(Malformed.quote(mark)),
          Malformed.quote(cell),
          "give all numbers of the column in one unit");
    }
    return encode(Cells.toDouble(file, row.line(), column, name, plain));
  }
}
