package talweg.data;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** How one column of a table becomes features: one number, or one indicator for each category. */
final class CsvFeature {
  private final String name;
  private final List<String> categories;
  private final Map<String, Integer> positions = new HashMap<>();
  private final float[] fill;

  /**
   * A column of numbers, or of the given categories.
   *
   * @param categories the categories' texts, empty for numbers
   * @param fill what stands in for a missing value: one number, or one for each category
   */
  CsvFeature(String name, List<String> categories, float[] fill) {
    this.name = name;
    this.categories = List.copyOf(categories);
    this.fill = fill;
    for (String category : categories) {
      positions.put(category, positions.size());
    }
  }

  /** A column of numbers, with the mean or mode standing in for missing ones. */
  static CsvFeature number(String name, CsvColumn seen, boolean mode) {
    double fill = mode ? Double.parseDouble(seen.mode()) : seen.mean();
    return new CsvFeature(name, List.of(), new float[] {(float) fill});
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
    return new CsvFeature(name, categories, fill);
  }

  /** The column's name. */
  String name() {
    return name;
  }

  /** The categories in order; empty for a column of numbers. */
  List<String> categories() {
    return categories;
  }

  /** What stands in for a missing value. */
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

  /** Writes the features of the cell in one of a row's columns. */
  void encode(
      String file,
      CsvRow row,
      int column,
      CsvOptions.Unknown unknown,
      boolean mayMiss,
      float[] features,
      int at) {
    String cell = row.cells().get(column);
    if (Cells.isMissing(cell)) {
      requireMayMiss(file, row, column, cell, mayMiss);
      System.arraycopy(fill, 0, features, at, fill.length);
    } else if (isNumber()) {
      if (!Cells.isNumber(cell)) {
        throw CsvLayout.notNumber(file, column, name, new CsvColumn.Spot(row.line(), cell), "");
      }
      features[at] = Cells.toFloat(file, row.line(), column, name, cell);
    } else {
      Integer position = positions.get(cell);
      if (position == null && unknown == CsvOptions.Unknown.REFUSE) {
        throw Malformed.at(
            file,
            "line " + row.line() + ", " + CsvLayout.place(column, name),
            String.format(
                Locale.ROOT, "one of the %d categories of the training rows", categories.size()),
            Malformed.quote(cell),
            "correct the cell, leave the row out, or train with unknown categories as zeros"
                + " (CsvOptions.Unknown.ZEROS)");
      }
      Arrays.fill(features, at, at + fill.length, 0);
      if (position != null) {
        features[at + position] = 1;
      }
    }
  }

  private void requireMayMiss(String file, CsvRow row, int column, String cell, boolean mayMiss) {
    if (!mayMiss) {
      throw Malformed.at(
          file,
          "line " + row.line() + ", " + CsvLayout.place(column, name),
          "a value",
          "none (%s)".formatted(Malformed.quote(cell)),
          "fill the cell, or train with another treatment of missing values");
    }
  }

  private boolean isNumber() {
    return categories.isEmpty();
  }
}
