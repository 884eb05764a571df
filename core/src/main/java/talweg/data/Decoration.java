package talweg.data;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The cells of a column that hold a number with something around or within it. */
final class Decoration {
  private static final int MARKS = 2;

  private final List<String> marks = new ArrayList<>();
  private final Set<String> texts = new HashSet<>();
  private CsvColumn.Spot first;
  private String what;
  private CsvColumn.Spot otherMark;
  private long count;
  private long points;
  private long commas;
  private boolean severalNames;

  /** Takes in what stands beside a number that can be read. */
  void addMark(String mark, long line, String cell) {
    if (!mark.isEmpty() && marks.size() < MARKS && !marks.contains(mark)) {
      marks.add(mark);
      otherMark = marks.size() == MARKS ? new CsvColumn.Spot(line, cell) : null;
    }
  }

  /** Takes in a cell that is no number as numbers are to be read. */
  void add(DecoratedNumber number, long line, String cell) {
    count++;
    points += number.point() != null ? 1 : 0;
    commas += number.comma() != null ? 1 : 0;
    if (first == null || line < first.line()) {
      first = new CsvColumn.Spot(line, cell);
      what = number.what();
    }
    if (texts.size() < MARKS) {
      texts.add(cell);
    }
    addMark(number.mark(), line, cell);
    severalNames |= number.couldBeName() && !number.mark().equals(marks.getFirst());
  }

  /**
   * Number of cells that look like numbers. Digits with several different words beside them, or the
   * same text again and again, are rather names.
   */
  long count() {
    return severalNames || texts.size() < MARKS ? 0 : count;
  }

  /** Whether more than half of so many cells may turn out to look like numbers. */
  boolean mayBeMost(long cells) {
    return !severalNames && 2 * count > cells;
  }

  /** What stands beside the numbers; empty for nothing. */
  String mark() {
    return marks.isEmpty() ? "" : marks.getFirst();
  }

  /** The first cell with another mark than the ones before, or null. */
  CsvColumn.Spot otherMark() {
    return otherMark;
  }

  /** The first of the cells. */
  CsvColumn.Spot first() {
    return first;
  }

  /** What tells the first of the cells from a plain number. */
  String what() {
    return what;
  }

  /** How the cells can be read, for advice. */
  String ways() {
    boolean both = points > 0 && points == commas;
    if (both) {
      return "CsvOptions.numbers(POINT) or, with a decimal comma, CsvOptions.numbers(COMMA)";
    }
    return points > commas ? "CsvOptions.numbers(POINT)" : "CsvOptions.numbers(COMMA)";
  }
}
