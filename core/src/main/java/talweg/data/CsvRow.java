package talweg.data;

import java.util.List;

/**
 * One row of a table.
 *
 * @param line number of the physical line on which it begins, from 1
 */
record CsvRow(long line, List<String> cells) {
  int size() {
    return cells.size();
  }

  /** Whether each of these columns has a value. */
  boolean isComplete(CellReading reading, int[] columns) {
    for (int column : columns) {
      if (reading.isMissing(cells.get(column))) {
        return false;
      }
    }
    return true;
  }

  /** Refuses a row that is shorter or longer than the others. */
  void requireSize(String file, int expected, String model) {
    if (size() != expected) {
      throw Malformed.at(
          file,
          "line " + line,
          "%s as in %s".formatted(Malformed.count(expected, "cell"), model),
          Integer.toString(size()),
          cells.getFirst().startsWith("#")
              ? "remove lines of comment"
              : "put text that contains the delimiter in quotes, and fill short rows");
    }
  }
}
