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
 * @param number how numbers become targets
 */
record CsvTarget(
    String name, Map<String, Integer> labels, List<String> classNames, CsvNumber number) {
  /** Most classes of a target column. */
  static final int MAX_CLASSES = 1000;

  // Integers are taken for classes if they are this few, and each occurs this often on average.
  private static final int MAX_INTEGER_CLASSES = 20;
  private static final int MIN_EXAMPLES_PER_CLASS = 5;

  // Minimum number of examples from which classes need two each on average.
  private static final int MIN_EXAMPLES = 5;

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
          "none (%s)%s"
              .formatted(
                  Malformed.quote(seen.firstMissing().text()),
                  seen.missing() == 1
                      ? ""
                      : String.format(
                          Locale.ROOT, ", the first of %d rows without one", seen.missing())),
          "leave them out, let all rows with a missing cell be left out"
              + " (CsvOptions.missing(DROP)), or name another target column (CsvOptions.target)");
    }
    if (seen.numbers() + seen.words() == 0) {
      throw Malformed.at(
          file,
          CsvLayout.place(column, name),
          "values to predict",
          "none in any row",
          "name another target column (CsvOptions.target)");
    }
    if (options.task() != Task.CLASSIFY) {
      CsvKinds.requireNumbers(file, column, name, seen, "classes (CsvOptions.task(CLASSIFY))");
    }
    boolean classify =
        switch (options.task()) {
          case CLASSIFY -> true;
          case REGRESS -> false;
          case AUTO -> counts.isPresent() || !seen.isNumeric() || fewIntegers(seen);
        };
    if (classify) {
      List<String> names = classNames(file, column, name, seen, counts);
      if (counts.isEmpty()) {
        requireExamples(file, column, name, seen, names.size(), options.task());
      }
      return new CsvTarget(name, labels(names, counts), names, CsvNumber.PLAIN);
    }
    if (seen.words() > 0) {
      String advice = seen.isNumeric() ? "" : ", or train with classes (CsvOptions.task(CLASSIFY))";
      throw CsvLayout.notNumber(file, column, name, seen.firstWord(), advice);
    }
    CsvKinds.requireOneMark(file, column, name, seen);
    return new CsvTarget(name, Map.of(), List.of(), CsvNumber.PLAIN);
  }

  /** The same with numbers that become targets in another way. */
  CsvTarget withNumber(CsvNumber other) {
    return isClassification() ? this : new CsvTarget(name, labels, classNames, other);
  }

  /** Classes of about one example each are names or numbers, from which nothing can be learned. */
  private static void requireExamples(
      String file, int column, String name, CsvColumn seen, int classes, Task task) {
    long examples = seen.numbers() + seen.words();
    boolean few = task == Task.CLASSIFY ? classes == examples : 2 * classes > examples;
    if (few && examples >= MIN_EXAMPLES) {
      throw Malformed.at(
          file,
          CsvLayout.place(column, name),
          "classes with several examples each",
          String.format(
              Locale.ROOT,
              "%d different values in %s, such as %s",
              classes,
              Malformed.count(examples, "row"),
              some(seen.distinct().keySet().stream().limit(2).toList())),
          "name another target column (CsvOptions.target)");
    }
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
  float number(String file, CsvRow row, int column, CellReading reading) {
    return number.encode(file, row, column, name, reading);
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
          "name another target column (CsvOptions.target), or train on numbers"
              + " (CsvOptions.task(REGRESS)) if these are some");
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
