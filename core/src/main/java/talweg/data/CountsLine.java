package talweg.data;

import java.util.List;
import java.util.Optional;

/**
 * A first line of the kind that scikit-learn's copies of the UCI data sets have: number of
 * examples, number of features, then the names of the classes, as in {@code
 * 150,4,setosa,versicolor,virginica}.
 */
record CountsLine(long examples, int features, List<String> classNames) {
  /** The row read as such a line, if it has the form of one. */
  static Optional<CountsLine> parse(CsvRow row) {
    List<String> cells = row.cells();
    if (cells.size() < 4 || !Cells.isWhole(cells.get(0), 9) || !Cells.isWhole(cells.get(1), 9)) {
      return Optional.empty();
    }
    List<String> names = cells.subList(2, cells.size());
    if (names.stream().anyMatch(name -> Cells.isMissing(name) || Cells.isNumber(name))
        || names.stream().distinct().count() < names.size()) {
      return Optional.empty();
    }
    int features = Integer.parseInt(cells.get(1));
    return Optional.of(new CountsLine(Long.parseLong(cells.get(0)), features, List.copyOf(names)));
  }

  /**
   * The scanned table's first row, if it is such a line: its count of features is right, and where
   * it names classes, the other rows hold numbers.
   *
   * @throws talweg.error.DataFormatException if it is one, but its count of examples is wrong
   */
  static Optional<CountsLine> of(String file, CsvScan scan) {
    List<CsvColumn> columns = scan.columns();
    Optional<CountsLine> counts =
        parse(scan.first())
            .filter(line -> scan.rows() > 0 && line.features == columns.size() - 1)
            .filter(line ->
                scan.first().size() != columns.size()
                    || columns.stream().skip(2).allMatch(CsvColumn::isNumeric));
    if (counts.isPresent() && counts.get().examples != scan.rows()) {
      throw Malformed.at(
          file,
          "line " + scan.first().line() + ", column 1",
          "the number of examples that follow, " + scan.rows(),
          Long.toString(counts.get().examples),
          "the file was cut or edited: get it again, or correct or remove its first line");
    }
    return counts;
  }
}
