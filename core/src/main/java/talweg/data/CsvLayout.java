package talweg.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
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

  private static final int LISTED = 20;

  private final String file;
  private final CsvOptions options;
  private final Heading heading;
  private final long rows;
  private final List<CsvColumn> columns;
  private final List<String> names;
  private final Set<Integer> categorical = new HashSet<>();
  private final Set<Integer> ignored = new TreeSet<>();
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
    rows = rows(scan);
    targetColumn = column(options.target(), "target");
    options.categorical().forEach(column -> categorical.add(column(column, "categorical")));
    options.ignored().forEach(column -> ignored.add(column(column, "ignored")));
    requireColumns();
    boolean last = targetColumn == columns.size() - 1;
    target =
        CsvTarget.of(
            file,
            targetColumn,
            names.get(targetColumn),
            columns.get(targetColumn),
            last ? counts : Optional.empty(),
            options);
    requireValues();
    refuseMissing();
  }

  /** What is to be predicted. */
  CsvTarget target() {
    return target;
  }

  /** The same, with what is learned of its numbers from the training rows. */
  CsvTarget target(List<CsvColumn> seen) {
    return target.withNumber(number(targetColumn, seen.get(targetColumn)));
  }

  Heading heading() {
    return heading;
  }

  /** Number of examples. */
  int examples(CsvSource source) {
    if (options.missing() != CsvOptions.Missing.DROP) {
      return HostMemory.examples(file, rows);
    }
    int complete = source.forEach((_, _) -> {});
    if (complete == 0) {
      throw Malformed.at(
          file,
          "all rows",
          "some without a missing cell",
          "none",
          "fill the missing cells, or leave out the columns with most of them"
              + " (CsvOptions.ignored)");
    }
    return complete;
  }

  /** The column of the target. */
  int targetColumn() {
    return targetColumn;
  }

  /** The columns of the features, in order. */
  int[] featureColumns() {
    return IntStream.range(0, columns.size())
        .filter(c -> c != targetColumn && !ignored.contains(c))
        .toArray();
  }

  /** The names of the columns that are left out. */
  List<String> ignored() {
    return ignored.stream().map(names::get).toList();
  }

  /** The table's examples. */
  CsvSource source(Path path) {
    return new CsvSource(
        path,
        options.delimiter(),
        options.maxBytes(),
        columns.size(),
        heading != Heading.NONE,
        CellReading.of(options),
        options.missing() == CsvOptions.Missing.DROP ? usedColumns() : new int[0]);
  }

  private int[] usedColumns() {
    return IntStream.range(0, columns.size()).filter(c -> !ignored.contains(c)).toArray();
  }

  /**
   * How the columns of features are encoded, in order.
   *
   * @param seen what the training rows hold
   */
  List<CsvFeature> fit(List<CsvColumn> seen) {
    List<CsvFeature> features = new ArrayList<>();
    for (int c : featureColumns()) {
      requireValues(c, seen.get(c));
      features.add(feature(c, columns.get(c), seen.get(c)));
    }
    return features;
  }

  private CsvFeature feature(int c, CsvColumn all, CsvColumn training) {
    boolean mode = options.missing() == CsvOptions.Missing.MODE;
    String name = names.get(c);
    String categories = "categories (CsvOptions.categorical(%s))".formatted(reference(c, name));
    if (!categorical.contains(c)) {
      CsvKinds.requireNumbers(file, c, name, all, categories);
    }
    if (!all.isNumeric() || categorical.contains(c)) {
      return CsvFeature.oneHot(name, categories(c, training), training, mode);
    }
    if (all.words() > 0) {
      throw notNumber(file, c, name, all.firstWord(), ", or declare the column " + categories);
    }
    CsvKinds.requireOneMark(file, c, name, all);
    if (mode && all.missing() > 0) {
      requireMode(c, training);
    }
    return CsvFeature.number(name, training, number(c, training), mode);
  }

  private CsvNumber number(int c, CsvColumn training) {
    return CsvNumber.of(training.spread(), columns.get(c).mark());
  }

  /** A column in messages: its number, and its name unless that is just the number. */
  static String place(int column, String name) {
    String number = "column " + (column + 1);
    return name.equals(number) ? number : number + " (" + Malformed.quote(name) + ")";
  }

  /** A column as an option takes it, in quotes: by its name, or by its number if that is odd. */
  static String reference(int column, String name) {
    boolean plain =
        name.length() <= 40
            && !name.equals(number(column))
            && name.chars().allMatch(c -> Character.isLetterOrDigit(c) || " ._-".indexOf(c) >= 0);
    return '"' + (plain ? name : Integer.toString(column + 1)) + '"';
  }

  private String unquoted(int column) {
    return reference(column, names.get(column)).replace("\"", "");
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

  private long rows(CsvScan scan) {
    CsvRow first = scan.first();
    if (heading == Heading.NONE) {
      for (int c = 0; c < first.size(); c++) {
        columns.get(c).add(first.cells().get(c), first.line());
      }
    }
    long count = scan.rows() + (heading == Heading.NONE ? 1 : 0);
    if (count == 0) {
      throw Malformed.at(
          file, "line 2", "examples below the header", "the end of the file", "add some");
    }
    return count;
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
  private boolean isHeader(CsvScan scan) {
    CellReading reading = CellReading.of(options);
    int words = 0;
    int numbers = 0;
    boolean repeated = scan.rows() < 2;
    for (int c = 0; c < scan.columns().size(); c++) {
      String cell = scan.first().cells().get(c);
      CsvColumn column = scan.columns().get(c);
      boolean number = reading.number(cell) != null;
      if (column.isNumeric()) {
        words += number || reading.isMissing(cell) ? 0 : 1;
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
          "%s %s column %s"
              .formatted(what.startsWith("i") ? "an" : "a", what, Malformed.quote(given)),
          named ? CsvTarget.some(names) : "columns 1 to " + columns.size(),
          "give a name from the header, or a number from 1 to " + columns.size());
    }
    return index;
  }

  /** Columns are found by their names later, which must be different. */
  private void requireColumns() {
    if (ignored.contains(targetColumn)) {
      throw Malformed.at(
          file,
          place(targetColumn, names.get(targetColumn)),
          "a target column that is not left out",
          "one that is",
          "name another one (CsvOptions.target)");
    }
    if (featureColumns().length == 0) {
      throw Malformed.at(
          file, "columns", "one besides the target", "none that is not left out", "leave out less");
    }
    Map<String, Integer> seen = new HashMap<>();
    for (int c = 0; c < names.size(); c++) {
      Integer other = seen.putIfAbsent(names.get(c), c);
      if (other != null && !(ignored.contains(c) && ignored.contains(other))) {
        throw Malformed.at(
            file,
            "line 1",
            "different names of columns, by which they are found in other tables",
            String.format(
                Locale.ROOT,
                "%s twice, as column %d and %d",
                Malformed.quote(names.get(c)),
                other + 1,
                c + 1),
            "rename one of them");
      }
    }
  }

  /** Refuses columns of which nothing can be learned, all at once. */
  private void requireValues() {
    List<Integer> empty = new ArrayList<>();
    for (int c : featureColumns()) {
      if (columns.get(c).numbers() + columns.get(c).words() == 0) {
        empty.add(c);
      }
    }
    if (!empty.isEmpty()) {
      throw Malformed.at(
          file,
          place(empty.getFirst(), names.get(empty.getFirst())),
          "values",
          "none in any row" + (empty.size() > 1 ? ", nor in " + (empty.size() - 1) + " more" : ""),
          "leave %s out (CsvOptions.ignored%s)"
              .formatted(
                  empty.size() == 1 ? "it" : "them",
                  empty.size() > LISTED
                      ? ""
                      : empty.stream()
                          .map(this::unquoted)
                          .collect(Collectors.joining(",", "(\"", "\")"))));
    }
  }

  private void refuseMissing() {
    if (options.missing() != CsvOptions.Missing.REFUSE) {
      return;
    }
    int worst = -1;
    long total = 0;
    for (int c : featureColumns()) {
      if (columns.get(c).missing() == 0) {
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
          total == 1
              ? "none (%s)".formatted(Malformed.quote(spot.text()))
              : String.format(
                  Locale.ROOT,
                  "none (%s), the first of %d missing cells",
                  Malformed.quote(spot.text()),
                  total),
          "fill the cells, put means or the most frequent values there (CsvOptions.missing(MEAN),"
              + " CsvOptions.missing(MODE)), or leave their rows out (CsvOptions.missing(DROP))");
    }
  }

  private void requireValues(int c, CsvColumn training) {
    if (training.numbers() + training.words() == 0) {
      throw Malformed.at(
          file,
          place(c, names.get(c)),
          "values",
          "none in any training row",
          "use more rows, or leave the column out (CsvOptions.ignored(%s))"
              .formatted(reference(c, names.get(c))));
    }
  }

  private void requireMode(int c, CsvColumn training) {
    if (training.mode() == null) {
      throw Malformed.at(
          file,
          place(c, names.get(c)),
          "few different numbers, of which one is the most frequent",
          String.format(Locale.ROOT, "more than %d", training.distinct().size() - 1),
          "put means there (CsvOptions.missing(MEAN))");
    }
  }

  private List<String> categories(int c, CsvColumn training) {
    List<String> values = List.copyOf(training.distinct().keySet());
    if (values.size() > options.maxCategories()) {
      String extra = values.get(options.maxCategories());
      // One more than can be counted is remembered.
      boolean counted = values.size() <= Math.max(options.maxCategories(), CsvTarget.MAX_CLASSES);
      throw Malformed.at(
          file,
          String.format(
              Locale.ROOT,
              "line %d, %s",
              training.distinct().get(extra).line(),
              place(c, names.get(c))),
          String.format(Locale.ROOT, "numbers, or at most %d categories", options.maxCategories()),
          "%s, one of %s"
              .formatted(
                  Malformed.quote(extra), counted ? values.size() + " different ones" : "far more"),
          "leave the column out if it is a key, a date or free text (CsvOptions.ignored(%s)), or raise the limit (%s)"
              .formatted(
                  reference(c, names.get(c)),
                  counted
                      ? String.format(Locale.ROOT, "CsvOptions.maxCategories(%d)", values.size())
                      : "CsvOptions.maxCategories"));
    }
    return values.stream().sorted().toList();
  }
}
