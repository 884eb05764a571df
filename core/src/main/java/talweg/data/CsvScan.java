package talweg.data;

import java.util.List;
import java.util.stream.Stream;

/**
 * The first pass over a table: what its columns hold. Nothing of the table itself is kept but its
 * first row, of which only the others can tell whether it is an example.
 *
 * @param first the first row
 * @param columns what the rows after the first hold
 * @param rows number of rows after the first
 */
record CsvScan(CsvRow first, List<CsvColumn> columns, long rows) {
  static CsvScan of(String file, CsvReader reader, CsvOptions options) {
    CsvRow first = reader.next();
    if (first == null) {
      throw Malformed.at(
          file, "line 1", "rows of cells", "an empty file", "check that it is the right one");
    }
    CsvRow row = reader.next();
    CsvRow model = first;
    if (row != null && isCountsLine(first, row.size(), options)) {
      model = row;
    }
    ScanMemory memory = new ScanMemory(file, model.size());
    List<CsvColumn> columns = columns(file, model, options);
    long rows = 0;
    while (row != null) {
      row.requireSize(file, model.size(), "line " + model.line());
      for (int c = 0; c < row.size(); c++) {
        columns.get(c).add(row.cells().get(c), row.line());
      }
      memory.check(rows, columns);
      rows++;
      row = reader.next();
    }
    return new CsvScan(first, columns, rows);
  }

  /** Whether the first row may have another number of cells than the rows that follow. */
  private static boolean isCountsLine(CsvRow first, int width, CsvOptions options) {
    return options.header() == CsvOptions.Header.DETECT
        && CountsLine.parse(first).filter(counts -> counts.features() == width - 1).isPresent();
  }

  private static List<CsvColumn> columns(String file, CsvRow model, CsvOptions options) {
    if (model.size() < 2) {
      String text = model.cells().getFirst();
      String hint =
          Stream.of(";", "\t", "|", ",")
              .filter(text::contains)
              .findFirst()
              .map(CsvReader::delimited)
              .orElse(
                  text.startsWith("#") ? "remove lines of comment" : "check that this is a table");
      throw Malformed.at(
          file, "line " + model.line(), "at least 2 columns, features and a target", "1", hint);
    }
    return columns(model.size(), options);
  }

  /** So many columns of which nothing was seen yet. */
  static List<CsvColumn> columns(int count, CsvOptions options) {
    int limit = Math.max(options.maxCategories(), CsvTarget.MAX_CLASSES);
    CellReading reading = CellReading.of(options);
    return Stream.generate(() -> new CsvColumn(limit, reading)).limit(count).toList();
  }
}
