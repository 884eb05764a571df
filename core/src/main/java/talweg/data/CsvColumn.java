package talweg.data;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;

/** What one column of a table was found to hold, in a single pass over it. */
final class CsvColumn {
  private final int limit;
  private final Map<String, Value> distinct = new LinkedHashMap<>();
  private long numbers;
  private long words;
  private long missing;
  private double sum;
  private Spot firstWord;
  private Spot firstMissing;

  /**
   * A column of which no cell was seen yet.
   *
   * @param limit most distinct values to remember, plus one to tell that there were more
   */
  CsvColumn(int limit) {
    this.limit = limit;
  }

  /** A cell: its line and its text. */
  record Spot(long line, String text) {}

  /** How often a value occurs, and where first. */
  record Value(long count, long line) {}

  void add(String cell, long line) {
    if (Cells.isMissing(cell)) {
      missing++;
      firstMissing = earlier(firstMissing, line, cell);
      return;
    }
    if (Cells.isNumber(cell)) {
      numbers++;
      sum += Double.parseDouble(cell);
    } else {
      words++;
      firstWord = earlier(firstWord, line, cell);
    }
    if (distinct.size() <= limit) {
      distinct.merge(
          cell,
          new Value(1, line),
          (old, one) -> new Value(old.count + 1, Math.min(old.line, one.line)));
    }
  }

  long numbers() {
    return numbers;
  }

  long words() {
    return words;
  }

  long missing() {
    return missing;
  }

  /** Mean of the numbers. */
  double mean() {
    return sum / numbers;
  }

  /**
   * The value that occurs most often, the smallest number or first text of several; null if there
   * were too many different ones to count.
   */
  String mode() {
    if (distinct.size() > limit) {
      return null;
    }
    Comparator<String> order =
        words > 0 ? Comparator.naturalOrder() : Comparator.comparing(Double::valueOf);
    return distinct.keySet().stream()
        .min(Comparator.<String>comparingLong(v -> -distinct.get(v).count).thenComparing(order))
        .orElse(null);
  }

  /** The first cell that is neither a number nor missing, or null. */
  Spot firstWord() {
    return firstWord;
  }

  /** The first cell without a value, or null. */
  Spot firstMissing() {
    return firstMissing;
  }

  /** The values in order of appearance, at most one more than the limit; counts hold below it. */
  Map<String, Value> distinct() {
    return distinct;
  }

  /** Whether the column reads as numbers, give or take a few cells that are wrong. */
  boolean isNumeric() {
    return numbers > words;
  }

  private static Spot earlier(Spot known, long line, String cell) {
    return known == null || line < known.line ? new Spot(line, cell) : known;
  }
}
