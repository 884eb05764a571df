package talweg.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import talweg.error.DataFormatException;

/**
 * What a table is, from a first pass over all of it: its heading, its columns' names and kinds, and
 * what is to be predicted. What is learned from values, such as categories and means, comes from
 * the training rows alone: {@link #fit}.
 */
final class CsvLayout {
  /** What the first row is. */
  enum Heading {
    /** An example. */
    NONE,
    /** The columns' names. */
    NAMES,
    /** A {@link CountsLine}. */
    COUNTS
  }

  private final String file;
  private final CsvOptions options;
  private final Heading heading;
  private final int examples;
  private final List<CsvColumn> columns;
  private final List<String> names;
  private final Set<Integer> categorical = new HashSet<>();
  private final int targetColumn;
  private final CsvTarget target;

  /** Describes a scanned table. */
  CsvLayout(String file, CsvScan scan, CsvOptions options) {
    this.file = file;
    this.options = options;
    this.columns = scan.columns();
    CsvRow first = scan.first();
    boolean detect = options.header() == CsvOptions.Header.DETECT;
    Optional<CountsLine> counts = detect ? CountsLine.of(file, scan) : Optional.empty();
    if (counts.isPresent()) {
      heading = Heading.COUNTS;
    } else if (options.header() == CsvOptions.Header.PRESENT || detect && isHeader(scan)) {
      heading = Heading.NAMES;
    } else {
      heading = Heading.NONE;
    }
    names =
        IntStream.range(0, columns.size())
            .mapToObj(c -> heading == Heading.NAMES ? name(first, c) : number(c))
            .toList();
    examples = examples(scan);
    targetColumn = column(options.target(), "target");
    for (String column : options.categorical()) {
      categorical.add(column(column, "categorical"));
    }
    boolean last = targetColumn == columns.size() - 1;
    target =
        CsvTarget.of(
            file,
            targetColumn,
            names.get(targetColumn),
            columns.get(targetColumn),
            last ? counts : Optional.empty(),
            options);
    refuseMissing();
  }

  /** What is to be predicted. */
  CsvTarget target() {
    return target;
  }

  Heading heading() {
    return heading;
  }

  /** Number of examples. */
  int examples() {
    return examples;
  }

  /** The column of the target. */
  int targetColumn() {
    return targetColumn;
  }

  /** The columns of the features, in order. */
  int[] featureColumns() {
    return IntStream.range(0, columns.size()).filter(c -> c != targetColumn).toArray();
  }

  /** The table's examples. */
  CsvSource source(Path path) {
    return new CsvSource(
        path,
        options.delimiter(),
        options.maxBytes(),
        columns.size(),
        heading != Heading.NONE,
        options.missing() == CsvOptions.Missing.DROP);
  }

  /**
   * How the columns of features are encoded, in order.
   *
   * @param seen what the training rows hold
   */
  List<CsvFeature> fit(List<CsvColumn> seen) {
    boolean mode = options.missing() == CsvOptions.Missing.MODE;
    List<CsvFeature> features = new ArrayList<>();
    for (int c : featureColumns()) {
      CsvColumn training = seen.get(c);
      requireValues(c, training);
      if (!columns.get(c).isNumeric() || categorical.contains(c)) {
        List<String> categories = categories(c, training);
        features.add(CsvFeature.oneHot(names.get(c), categories, training, mode));
      } else if (columns.get(c).words() > 0) {
        String orElse = ", or declare the column categorical (CsvOptions.categorical)";
        throw notNumber(file, c, names.get(c), columns.get(c).firstWord(), orElse);
      } else {
        requireMode(c, training, mode);
        features.add(CsvFeature.number(names.get(c), training, mode));
      }
    }
    return features;
  }

  /** A column in messages: its number, and its name unless that is just the number. */
  static String place(int column, String name) {
    String number = "column " + (column + 1);
    return name.equals(number) ? number : number + " (" + Malformed.quote(name) + ")";
  }

  static DataFormatException notNumber(
      String file, int column, String name, CsvColumn.Spot spot, String orElse) {
    return Malformed.at(
        file,
        "line " + spot.line() + ", " + place(column, name),
        "a number as in the column's other cells",
        Malformed.quote(spot.text()),
        "correct the cell, or leave the row out" + orElse);
  }

  private int examples(CsvScan scan) {
    CsvRow first = scan.first();
    if (heading == Heading.NONE) {
      for (int c = 0; c < first.size(); c++) {
        columns.get(c).add(first.cells().get(c), first.line());
      }
    }
    boolean drop = options.missing() == CsvOptions.Missing.DROP;
    long firstCounts = heading == Heading.NONE && (!drop || first.isComplete()) ? 1 : 0;
    long rows = firstCounts + (drop ? scan.complete() : scan.rows());
    if (rows == 0) {
      throw drop && scan.rows() > 0
          ? Malformed.at(
              file, "all rows", "some without a missing cell", "none", "fill the missing cells")
          : Malformed.at(
              file, "line 2", "examples below the header", "the end of the file", "add some");
    }
    return HostMemory.examples(file, rows);
  }

  private static String name(CsvRow header, int column) {
    String cell = header.cells().get(column);
    return cell.isEmpty() ? number(column) : cell;
  }

  static String number(int column) {
    return "column " + (column + 1);
  }

  /**
   * A first row is a header if more of its cells are words above numbers than numbers above
   * numbers; where no column holds numbers, if none of its cells occurs again below it.
   */
  private static boolean isHeader(CsvScan scan) {
    int words = 0;
    int numbers = 0;
    boolean repeated = scan.rows() < 2;
    for (int c = 0; c < scan.columns().size(); c++) {
      String cell = scan.first().cells().get(c);
      CsvColumn column = scan.columns().get(c);
      boolean number = Cells.isNumber(cell);
      if (column.isNumeric()) {
        words += number || Cells.isMissing(cell) ? 0 : 1;
        numbers += number ? 1 : 0;
      }
      repeated |= column.isNumeric() || column.distinct().containsKey(cell) || number;
    }
    return words > numbers || !repeated;
  }

  /** The index of a column given by name or number. */
  private int column(String given, String what) {
    boolean named = heading == Heading.NAMES;
    int index = names.indexOf(given);
    if (index >= 0 && named && names.lastIndexOf(given) != index) {
      throw Malformed.at(
          file,
          "line 1",
          "one column %s".formatted(Malformed.quote(given)),
          "several",
          "name the %s column by its number".formatted(what));
    }
    if (index < 0 && given.matches("-?[0-9]{1,9}")) {
      int number = Integer.parseInt(given);
      index = number < 0 ? columns.size() + number : number - 1;
    }
    if (index < 0 || index >= columns.size()) {
      throw Malformed.at(
          file,
          named ? "line 1" : "no header",
          "a %s column %s".formatted(what, Malformed.quote(given)),
          named ? CsvTarget.some(names) : "columns 1 to " + columns.size(),
          "give a name from the header, or a number from 1 to " + columns.size());
    }
    return index;
  }

  private void refuseMissing() {
    if (options.missing() != CsvOptions.Missing.REFUSE) {
      return;
    }
    int worst = -1;
    long total = 0;
    for (int c = 0; c < columns.size(); c++) {
      if (c == targetColumn || columns.get(c).missing() == 0) {
        continue;
      }
      total += columns.get(c).missing();
      long line = columns.get(c).firstMissing().line();
      worst = worst < 0 || line < columns.get(worst).firstMissing().line() ? c : worst;
    }
    if (worst >= 0) {
      CsvColumn.Spot spot = columns.get(worst).firstMissing();
      throw Malformed.at(
          file,
          "line " + spot.line() + ", " + place(worst, names.get(worst)),
          "a value",
          "none (%s), one of %s"
              .formatted(Malformed.quote(spot.text()), Malformed.count(total, "missing cell")),
          "fill the cells, leave the rows out, or ask for means (CsvOptions.Missing MEAN, MODE,"
              + " DROP)");
    }
  }

  private void requireValues(int c, CsvColumn training) {
    if (training.numbers() + training.words() == 0) {
      throw Malformed.at(
          file,
          place(c, names.get(c)),
          "values",
          "none in any training row",
          "remove the column, or use more rows");
    }
  }

  private void requireMode(int c, CsvColumn training, boolean mode) {
    if (mode && training.mode() == null) {
      throw Malformed.at(
          file,
          place(c, names.get(c)),
          "few different numbers, of which one is the most frequent",
          String.format(Locale.ROOT, "more than %d", training.distinct().size() - 1),
          "ask for means (CsvOptions.Missing.MEAN)");
    }
  }

  private List<String> categories(int c, CsvColumn training) {
    List<String> values = List.copyOf(training.distinct().keySet());
    if (values.size() > options.maxCategories()) {
      String extra = values.get(options.maxCategories());
      throw Malformed.at(
          file,
          String.format(
              Locale.ROOT,
              "line %d, %s",
              training.distinct().get(extra).line(),
              place(c, names.get(c))),
          String.format(Locale.ROOT, "numbers, or at most %d categories", options.maxCategories()),
          "one more, " + Malformed.quote(extra),
          "remove the column if it is a key or free text, or raise CsvOptions.maxCategories");
    }
    return values.stream().sorted().toList();
  }
}
