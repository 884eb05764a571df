package talweg.data;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import talweg.error.DataFormatException;

/**
 * How the rows of a scanned table become examples.
 *
 * @param skipFirst whether the first row is not an example
 * @param rows number of examples
 * @param columns number of cells in each row
 */
record CsvSchema(
    boolean skipFirst, long rows, int columns, List<CsvFeature> features, CsvTarget target) {
  static CsvSchema of(String file, CsvScan scan, CsvOptions options) {
    return new Builder(file, scan, options).build();
  }

  /** Names of all features in order. */
  List<String> featureNames() {
    return features.stream().flatMap(feature -> feature.names().stream()).toList();
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

  private static final class Builder {
    private final String file;
    private final CsvOptions options;
    private final Optional<CountsLine> counts;
    private final boolean header;
    private final long rows;
    private final List<CsvColumn> columns;
    private final List<String> names;

    Builder(String file, CsvScan scan, CsvOptions options) {
      this.file = file;
      this.options = options;
      this.columns = scan.columns();
      boolean detect = options.header() == CsvOptions.Header.DETECT;
      CsvRow first = scan.first();
      counts = detect ? CountsLine.of(file, scan) : Optional.empty();
      header =
          options.header() == CsvOptions.Header.PRESENT
              || detect && counts.isEmpty() && isHeader(scan);
      names =
          IntStream.range(0, columns.size())
              .mapToObj(
                  c -> header && !first.cells().get(c).isEmpty() ? first.cells().get(c) : number(c))
              .toList();
      if (!header && counts.isEmpty()) {
        for (int c = 0; c < first.size(); c++) {
          columns.get(c).add(first.cells().get(c), first.line());
        }
      }
      rows = scan.rows() + (header || counts.isPresent() ? 0 : 1);
      if (rows == 0) {
        throw Malformed.at(
            file, "line 2", "examples below the header", "the end of the file", "add some");
      }
    }

    CsvSchema build() {
      int target = column(options.target(), "target");
      Set<Integer> categorical = new HashSet<>();
      for (String column : options.categorical()) {
        categorical.add(column(column, "categorical"));
      }
      boolean last = target == columns.size() - 1;
      CsvTarget labels =
          CsvTarget.of(
              file,
              target,
              names.get(target),
              columns.get(target),
              last ? counts : Optional.empty(),
              options);
      refuseMissing(target);
      List<CsvFeature> features =
          options.featureNames().isEmpty()
              ? derived(target, categorical)
              : new Known(options.featureNames()).features(target);
      return new CsvSchema(header || counts.isPresent(), rows, columns.size(), features, labels);
    }

    private static String number(int column) {
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
      int index = names.indexOf(given);
      if (index >= 0 && header && names.lastIndexOf(given) != index) {
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
            header ? "line 1" : "no header",
            "a %s column %s".formatted(what, Malformed.quote(given)),
            header ? CsvTarget.some(names) : "columns 1 to " + columns.size(),
            "give a name from the header, or a number from 1 to " + columns.size());
      }
      return index;
    }

    private void refuseMissing(int target) {
      if (options.missing() == CsvOptions.Missing.MEAN) {
        return;
      }
      int worst = -1;
      long total = 0;
      for (int c = 0; c < columns.size(); c++) {
        if (c == target || columns.get(c).missing() == 0) {
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
            "fill the cells, leave the rows out, or ask for means (CsvOptions.Missing.MEAN)");
      }
    }

    private List<CsvFeature> derived(int target, Set<Integer> categorical) {
      List<CsvFeature> features = new ArrayList<>();
      for (int c = 0; c < columns.size(); c++) {
        CsvColumn seen = columns.get(c);
        if (c == target) {
          continue;
        }
        requireValues(c);
        if (!seen.isNumeric() || categorical.contains(c)) {
          features.add(CsvFeature.oneHot(c, names.get(c), categories(c), seen));
        } else if (seen.words() > 0) {
          String orElse = ", or declare the column categorical (CsvOptions.categorical)";
          throw notNumber(file, c, names.get(c), seen.firstWord(), orElse);
        } else {
          features.add(CsvFeature.number(c, names.get(c), seen));
        }
      }
      return features;
    }

    private void requireValues(int c) {
      if (columns.get(c).missing() == rows) {
        throw Malformed.at(
            file, place(c, names.get(c)), "values", "none in any row", "remove the column");
      }
    }

    private List<String> categories(int c) {
      List<String> values = List.copyOf(columns.get(c).distinct().keySet());
      if (values.size() > options.maxCategories()) {
        String extra = values.get(options.maxCategories());
        throw Malformed.at(
            file,
            "line %d, %s"
                .formatted(columns.get(c).distinct().get(extra).line(), place(c, names.get(c))),
            "numbers, or at most %d categories".formatted(options.maxCategories()),
            "one more, " + Malformed.quote(extra),
            "remove the column if it is a key or free text, or raise CsvOptions.maxCategories");
      }
      return values.stream().sorted().toList();
    }

    /** Rebuilds the encoding of an earlier file from its feature names. */
    private final class Known {
      private final List<String> expected;
      private int next;

      Known(List<String> expected) {
        this.expected = expected;
      }

      List<CsvFeature> features(int target) {
        List<CsvFeature> features = new ArrayList<>();
        for (int c = 0; c < columns.size(); c++) {
          if (c != target) {
            requireValues(c);
            features.add(feature(c));
          }
        }
        if (next < expected.size()) {
          throw differs("no column for " + Malformed.quote(expected.get(next)));
        }
        return features;
      }

      private CsvFeature feature(int c) {
        String name = names.get(c);
        if (next < expected.size() && expected.get(next).equals(name)) {
          next++;
          return CsvFeature.number(c, name, columns.get(c));
        }
        String prefix = CsvFeature.name(name, "");
        List<String> categories = new ArrayList<>();
        while (next < expected.size() && expected.get(next).startsWith(prefix)) {
          categories.add(expected.get(next++).substring(prefix.length()));
        }
        if (categories.isEmpty()) {
          throw differs(place(c, name));
        }
        return CsvFeature.oneHot(c, name, categories, columns.get(c));
      }

      private DataFormatException differs(String got) {
        return Malformed.at(
            file,
            header ? "line 1" : "columns",
            "the columns of the training data, " + CsvTarget.some(expected),
            got,
            "give the file the same columns in the same order");
      }
    }
  }
}
