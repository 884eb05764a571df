package talweg.data;

import java.util.List;

/**
 * Rows of a table that were left out, as they lack values.
 *
 * @param rows their number
 * @param of number of all rows
 * @param lines the lines on which the first few of them begin
 */
public record LeftOut(long rows, long of, List<Long> lines) {
  /** Copies the list. */
  public LeftOut {
    lines = List.copyOf(lines);
  }
}
