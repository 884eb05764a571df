package talweg.cli;

import java.math.BigDecimal;
import java.math.MathContext;

/** Words and numbers for people. */
final class Text {
  /** As many digits as tell all F32 numbers apart. */
  private static final MathContext FLOAT = new MathContext(9);

  private Text() {}

  /** As in "1 epoch" and "1,200 epochs". */
  static String count(long n, String noun) {
    return "%,d %s".formatted(n, plural(n, noun));
  }

  /** The singular or plural form for a count. */
  static String plural(long n, String noun) {
    return n == 1 ? noun : noun + "s";
  }

  /** A number that was computed in F32, without the digits that its conversion to double adds. */
  static String ofFloat(double value) {
    if (!Double.isFinite(value) || value == 0) {
      return Float.toString((float) value);
    }
    double rounded = new BigDecimal(value).round(FLOAT).doubleValue();
    return Double.toString(rounded);
  }
}
