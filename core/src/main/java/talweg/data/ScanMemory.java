package talweg.data;

import java.util.List;
import talweg.check.HeapLimit;

/**
 * What the scan of a table holds: each column remembers its different values. A table of many
 * columns takes many times the memory of its text, so that is watched while it is read.
 */
final class ScanMemory {
  /** Of a column without values, in both passes. */
  private static final int COLUMN_BYTES = 1 << 10;

  /** Of a value that a column remembers, in both passes. */
  private static final int VALUE_BYTES = 288;

  /** The values are counted each time that there are so many rows more than before. */
  private static final int PARTS = 8;

  private final String file;
  private long next;

  ScanMemory(String file, int columns) {
    this.file = file;
    require(columns, 0, Runtime.getRuntime().maxMemory());
  }

  /** After a row; {@code rows} counts those before. */
  void check(long rows, List<CsvColumn> columns) {
    if (rows < next) {
      return;
    }
    next = rows + 1 + rows / PARTS;
    long values = 0;
    for (CsvColumn column : columns) {
      values += column.distinct().size();
    }
    require(columns.size(), values, Runtime.getRuntime().maxMemory());
  }

  /** Refuses what does not fit into a heap. */
  void require(long columns, long values, long heap) {
    HeapLimit.require(
        file,
        Malformed.count(columns, "column") + " with " + Malformed.count(values, "different value"),
        columns * COLUMN_BYTES + values * VALUE_BYTES,
        "leave columns out",
        heap);
  }
}
