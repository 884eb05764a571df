package talweg.data;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How one column of a table becomes features: one number, or one indicator for each category. */
final class CsvFeature {
  private final int column;
  private final String name;
  private final List<String> categories;
  private final Map<String, Integer> positions = new HashMap<>();
  private final float[] fill;

  private CsvFeature(int column, String name, List<String> categories, float[] fill) {
    this.column = column;
    this.name = name;
    this.categories = categories;
    this.fill = fill;
    for (String category : categories) {
      positions.put(category, positions.size());
    }
  }

  /** A column of numbers, with the mean standing in for missing ones. */
  static CsvFeature number(int column, String name, CsvColumn seen) {
    return new CsvFeature(column, name, List.of(), new float[] {(float) seen.mean()});
  }

  /** A column of categories, with their shares standing in for missing ones. */
  static CsvFeature oneHot(int column, String name, List<String> categories, CsvColumn seen) {
    float[] fill = new float[categories.size()];
    double present = seen.numbers() + seen.words();
    for (int i = 0; i < fill.length; i++) {
      CsvColumn.Value value = seen.distinct().get(categories.get(i));
      fill[i] = value == null ? 0 : (float) (value.count() / present);
    }
    return new CsvFeature(column, name, List.copyOf(categories), fill);
  }

  /** How the features are called: the column's name, or {@code name=category} for each category. */
  static String name(String column, String category) {
    return column + "=" + category;
  }

  List<String> names() {
    return isNumber()
        ? List.of(name)
        : categories.stream().map(category -> name(name, category)).toList();
  }

  /** Number of features. */
  int width() {
    return fill.length;
  }

  /** Writes the features of one row's cell into a row-major array that holds zeros there. */
  void encode(String file, CsvRow row, float[] features, int at) {
    String cell = row.cells().get(column);
    if (Cells.isMissing(cell)) {
      System.arraycopy(fill, 0, features, at, fill.length);
    } else if (!isNumber()) {
      Integer position = positions.get(cell);
      if (position == null) {
        throw Malformed.at(
            file,
            "line " + row.line() + ", " + CsvSchema.place(column, name),
            "one of the %d categories known from training".formatted(categories.size()),
            Malformed.quote(cell),
            "correct the cell, or leave the row out");
      }
      features[at + position] = 1;
    } else if (Cells.isNumber(cell)) {
      features[at] = Cells.toFloat(file, row.line(), column, name, cell);
    } else {
      throw CsvSchema.notNumber(file, column, name, new CsvColumn.Spot(row.line(), cell), "");
    }
  }

  private boolean isNumber() {
    return categories.isEmpty();
  }
}
