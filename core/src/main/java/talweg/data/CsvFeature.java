package talweg.data;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/** How one column of a table becomes features: one number, or one indicator for each category. */
final class CsvFeature {
  private final String name;
  private final List<String> categories;
  private final Map<String, Integer> positions = new HashMap<>();
  private final CsvNumber number;
  private final float[] fill;

  /**
   * A column of numbers, or of the given categories.
   *
   * @param categories the categories' texts, empty for numbers
   * @param number how numbers become features
   * @param fill what stands in for a missing value: one number, or one for each category; NaN if
   *     nothing does
   */
  CsvFeature(String name, List<String> categories, CsvNumber number, float[] fill) {
    this.name = name;
    this.categories = List.copyOf(categories);
    this.number = number;
    this.fill = fill;
    for (String category : categories) {
      positions.put(category, positions.size());
    }
  }

  /** A column of numbers, with the mean or mode standing in for missing ones. */
  static CsvFeature number(String name, CsvColumn seen, CsvNumber number, boolean mode) {
    String most = mode ? seen.mode() : null;
    double fill =
        mode ? most == null ? Double.NaN : Double.parseDouble(seen.number(most)) : seen.mean();
    return new CsvFeature(name, List.of(), number, new float[] {number.encode(fill)});
  }

  /**
   * A column of categories, with their shares or the most frequent standing in for missing ones.
   */
  static CsvFeature oneHot(String name, List<String> categories, CsvColumn seen, boolean mode) {
    float[] fill = new float[categories.size()];
    double present = seen.numbers() + seen.words();
    for (int i = 0; i < fill.length; i++) {
      String category = categories.get(i);
      fill[i] =
          mode
              ? category.equals(seen.mode()) ? 1 : 0
              : (float) (seen.distinct().get(category).count() / present);
    }
    return new CsvFeature(name, categories, CsvNumber.PLAIN, fill);
  }

  /** The column's name. */
  String name() {
    return name;
  }

  /** The categories in order; empty for a column of numbers. */
  List<String> categories() {
    return categories;
  }

  /** The same, with features that are the numbers themselves. */
  CsvFeature unshifted() {
    return number.isShifted()
        ? new CsvFeature(
            name, categories, number.unshifted(), new float[] {(float) number.restore(fill[0])})
        : this;
  }

  /** What stands in for a missing value; NaN if nothing does. */
  float[] fill() {
    return fill.clone();
  }

  /** Names of the features: the column's name, or {@code name=category} for each category. */
  List<String> names() {
    return isNumber()
        ? List.of(name)
        : categories.stream().map(category -> name + "=" + category).toList();
  }

  /** Number of features. */
  int width() {
    return fill.length;
  }

  /** How numbers become features. */
  CsvNumber number() {
    return number;
  }

  /**
   * Writes the features of the cell in one of a row's columns.
   *
   * @param unknown number of cells of the table with an unknown category, for the error
   */
  void encode(
      String file,
      CsvRow row,
      int column,
      TableEncoding.Form form,
      LongSupplier unknown,
      float[] features,
      int at) {
    String cell = row.cells().get(column);
    if (form.reading().isMissing(cell)) {
      requireMayMiss(file, row, column, cell, form.missing());
      System.arraycopy(fill, 0, features, at, fill.length);
    } else if (isNumber()) {
      features[at] = number.encode(file, row, column, name, form.reading());
    } else {
      Integer position = positions.get(cell);
      if (position == null && form.unknown() == CsvOptions.Unknown.REFUSE) {
        throw Malformed.at(
            file,
            "line " + row.line() + ", " + CsvLayout.place(column, name),
            String.format(
                Locale.ROOT, "one of the %d categories of the training rows", categories.size()),
            Malformed.quote(cell) + others(unknown.getAsLong()),
            "correct the cells, leave their rows out, or train with unknown categories as zeros"
                + " (CsvOptions.unknown(ZEROS)) or, if it is a key, without the column"
                + " (CsvOptions.ignored(%s))".formatted(CsvLayout.reference(column, name)));
      }
      Arrays.fill(features, at, at + fill.length, 0);
      if (position != null) {
        features[at + position] = 1;
      }
    }
  }

  /** Whether a cell names a category that there was not in the training rows. */
  boolean isUnknown(String cell, CellReading reading) {
    return !isNumber() && !reading.isMissing(cell) && !positions.containsKey(cell);
  }

  private void requireMayMiss(
      String file, CsvRow row, int column, String cell, CsvOptions.Missing missing) {
    boolean may = missing != CsvOptions.Missing.REFUSE && !Float.isNaN(fill[0]);
    if (!may) {
      throw Malformed.at(
          file,
          "line " + row.line() + ", " + CsvLayout.place(column, name),
          "a value",
          "none (%s)".formatted(Malformed.quote(cell)),
          missing == CsvOptions.Missing.REFUSE
              ? "fill the cell, or train with another treatment of missing values"
                  + " (CsvOptions.missing)"
              : "fill the cell: the training rows had too many different values to tell the most"
                  + " frequent one; or train with CsvOptions.missing(MEAN)");
    }
  }

  private static String others(long count) {
    return count == 1
        ? ""
        : String.format(Locale.ROOT, ", one of %d cells with an unknown category", count);
  }

  private boolean isNumber() {
    return categories.isEmpty();
  }
}
