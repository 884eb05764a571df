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
}
