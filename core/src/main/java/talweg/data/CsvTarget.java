package talweg.data;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * How a table's target column becomes labels or numbers.
 *
 * @param labels the label of each cell text that stands for a class; empty for regression
 * @param classNames the classes' names in label order; empty for regression
 */
record CsvTarget(String name, Map<String, Integer> labels, List<String> classNames) {
  /** Most classes of a target column. */
  static final int MAX_CLASSES = 1000;

  // Integers are taken for classes if they are this few, and each occurs this often on average.
  private static final int MAX_INTEGER_CLASSES = 20;
  private static final int MIN_EXAMPLES_PER_CLASS = 5;

  static CsvTarget of(
      String file,
      int column,
      String name,
      CsvColumn seen,
      Optional<CountsLine> counts,
      CsvOptions options) {
    if (seen.missing() > 0 && options.missing() != CsvOptions.Missing.DROP) {
      throw Malformed.at(
          file,
          "line " + seen.firstMissing().line() + ", " + CsvLayout.place(column, name),
          "a value to predict",
          "none (%s)".formatted(Malformed.quote(seen.firstMissing().text())),
          "leave out rows without a target, or name another target column");
    }
    boolean classify =
        switch (options.task()) {
          case CLASSIFY -> true;
          case REGRESS -> false;
          case AUTO -> counts.isPresent() || !seen.isNumeric() || fewIntegers(seen);
        };
    if (classify) {
      List<String> names = classNames(file, column, name, seen, counts);
      return new CsvTarget(name, labels(names, counts), names);
    }
    if (seen.words() > 0) {
      String advice = seen.isNumeric() ? "" : ", or train with the task classify";
      throw CsvLayout.notNumber(file, column, name, seen.firstWord(), advice);
    }
    return new CsvTarget(name, Map.of(), List.of());
  }

  boolean isClassification() {
    return !classNames.isEmpty();
  }

  /** The label of one row. */
  int label(String file, CsvRow row, int column) {
    String cell = row.cells().get(column);
    Integer label = labels.get(Cells.className(cell));
    if (label == null) {
      throw Malformed.at(
          file,
          "line " + row.line() + ", " + CsvLayout.place(column, name),
          String.format(
              Locale.ROOT, "one of the %d classes %s", labels.size(), some(labels.keySet())),
          Malformed.quote(cell),
          "correct the cell, or leave the row out");
    }
    return label;
  }

  /** The number to predict in one row. */
  float number(String file, CsvRow row, int column) {
    String cell = row.cells().get(column);
    if (!Cells.isNumber(cell)) {
      throw CsvLayout.notNumber(file, column, name, new CsvColumn.Spot(row.line(), cell), "");
    }
    return Cells.toFloat(file, row.line(), column, name, cell);
  }

  /** A few of the names, quoted. */
  static String some(Iterable<String> names) {
    List<String> shown = new ArrayList<>();
    for (String name : names) {
      if (shown.size() == 8) {
        shown.add("...");
        break;
      }
      shown.add(Malformed.quote(name));
    }
    return String.join(", ", shown);
  }

  private static boolean fewIntegers(CsvColumn seen) {
    long distinct = seen.distinct().keySet().stream().map(Cells::className).distinct().count();
    return seen.words() == 0
        && distinct >= 2
        && distinct <= MAX_INTEGER_CLASSES
        && distinct * MIN_EXAMPLES_PER_CLASS <= seen.numbers()
        && seen.distinct().keySet().stream().allMatch(Cells::isInteger);
  }

  private static List<String> classNames(
      String file, int column, String name, CsvColumn seen, Optional<CountsLine> counts) {
    String place = CsvLayout.place(column, name);
    if (counts.isPresent()) {
      return counts.get().classNames();
    }
    List<String> names =
        seen.distinct().keySet().stream()
            .map(Cells::className)
            .distinct()
            .sorted(order(seen))
            .toList();
    if (names.size() < 2 || names.size() > MAX_CLASSES) {
      throw Malformed.at(
          file,
          place,
          String.format(Locale.ROOT, "2 to %d classes", MAX_CLASSES),
          names.size() < 2 ? "only " + some(names) : "more",
          "name another target column, or train with the task regress if these are numbers");
    }
    return names;
  }

  /** Numbers by value if there is nothing else, otherwise text by code unit. */
  private static Comparator<String> order(CsvColumn seen) {
    Comparator<String> text = Comparator.naturalOrder();
    return seen.words() > 0 ? text : Comparator.comparing(Double::valueOf, Double::compare);
  }

  /** Cells name their class, or give its number where a counts line has the names. */
  private static Map<String, Integer> labels(List<String> names, Optional<CountsLine> counts) {
    Map<String, Integer> labels = new LinkedHashMap<>();
    for (String name : names) {
      int label = labels.size();
      labels.put(counts.isPresent() ? Integer.toString(label) : Cells.className(name), label);
    }
    return labels;
  }
}
