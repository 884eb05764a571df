package talweg.data;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What one column of a table was found to hold, in a single pass over it. */
final class CsvColumn {
  private static final int ENOUGH_WORDS = 1000;

  private final int limit;
  private final CellReading reading;
  private final Map<String, Value> distinct = new LinkedHashMap<>();
  private long numbers;
  private long words;
  private long missing;
  private double sum;
  private Spot firstWord;
  private Spot firstMissing;
  private long marked;

  // Made when there is something to note: tables may have very many columns.
  private Spread spread;
  private Decoration decoration;
  private Set<String> marks = Set.of();

  /**
   * A column of which no cell was seen yet.
   *
   * @param limit most distinct values to remember, plus one to tell that there were more
   */
  CsvColumn(int limit, CellReading reading) {
    this.limit = limit;
    this.reading = reading;
  }

  /** A cell: its line and its text. */
  record Spot(long line, String text) {}

  /** How often a value occurs, and where first. */
  record Value(long count, long line) {}

  void add(String cell, long line) {
    if (reading.isMissing(cell)) {
      missing++;
      firstMissing = earlier(firstMissing, line, cell);
      return;
    }
    String number = reading.number(cell);
    if (number != null) {
      double value = Double.parseDouble(number);
      numbers++;
      sum += value;
      spread().add(value);
      String mark = reading.mark(cell);
      if (!mark.isEmpty()) {
        decoration().addMark(mark, line, cell);
      }
    } else {
      words++;
      firstWord = earlier(firstWord, line, cell);
      addWord(cell, line);
    }
    if (distinct.size() <= limit) {
      distinct.merge(
          cell,
          new Value(1, line),
          (old, one) -> new Value(old.count + 1, Math.min(old.line, one.line)));
    }
  }

  private void addWord(String cell, long line) {
    // Where most of many are names, the rest need not be looked at closely, which takes time.
    if (words < ENOUGH_WORDS || decoration != null && decoration.mayBeMost(words)) {
      DecoratedNumber number = DecoratedNumber.of(cell);
      if (number != null) {
        decoration().add(number, line, cell);
      }
    }
    if (Cells.looksMissing(cell)) {
      marked++;
      marks = marks.isEmpty() ? new TreeSet<>() : marks;
      marks.add(cell);
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
        words > 0
            ? Comparator.naturalOrder()
            : Comparator.comparing(text -> Double.valueOf(reading.number(text)));
    return distinct.keySet().stream()
        .min(Comparator.<String>comparingLong(v -> -distinct.get(v).count).thenComparing(order))
        .orElse(null);
  }

  /** Where the numbers lie. */
  Spread spread() {
    spread = spread == null ? new Spread() : spread;
    return spread;
  }

  /** What stands beside the numbers, such as their unit; empty for nothing. */
  String mark() {
    return decoration == null ? "" : decoration.mark();
  }

  /** Numbers that are not plain ones, or that have several units. */
  Decoration decoration() {
    decoration = decoration == null ? new Decoration() : decoration;
    return decoration;
  }

  /** Whether most cells are numbers, but not all are written as plain ones. */
  boolean isDecorated() {
    long decorated = decoration == null ? 0 : decoration.count();
    return decorated > 0 && numbers + decorated > words - decorated;
  }

  /**
   * The texts that look as if they stood for missing values, if the column holds nothing else
   * besides numbers; else none.
   */
  Set<String> marks() {
    return numbers > 0 && marked == words ? marks : Set.of();
  }

  /** The number that a cell holds, as a plain one, or null. */
  String number(String cell) {
    return reading.number(cell);
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
