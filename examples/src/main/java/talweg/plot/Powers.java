package talweg.plot;

import java.math.BigDecimal;
import java.math.MathContext;
import java.text.FieldPosition;
import java.text.NumberFormat;
import java.text.ParsePosition;

/**
 * Writes the numbers of a logarithmic axis: 0.01 as it is, or as 10⁻² where others are far from 1.
 */
final class Powers extends NumberFormat {
  private static final long serialVersionUID = 1L;
  private static final String DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

  private final boolean plain;

  /**
   * A format for all numbers of one axis.
   *
   * @param plain whether all of them are written as they are
   */
  Powers(boolean plain) {
    this.plain = plain;
  }

  @Override
  public StringBuffer format(double value, StringBuffer to, FieldPosition position) {
    return to.append(text(value));
  }

  @Override
  public StringBuffer format(long value, StringBuffer to, FieldPosition position) {
    return to.append(text(value));
  }

  private String text(double value) {
    if (value == 0 || !Double.isFinite(value)) {
      return Double.toString(value);
    }
    // A tick's position is computed from its logarithm, and not exact.
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(6)).stripTrailingZeros();
    if (plain) {
      return rounded.toPlainString();
    }
    int exponent = rounded.precision() - rounded.scale() - 1;
    BigDecimal mantissa = rounded.movePointLeft(exponent).stripTrailingZeros();
    String power = "10" + superscript(exponent);
    return mantissa.compareTo(BigDecimal.ONE) == 0 ? power : mantissa.toPlainString() + "·" + power;
  }

  private static String superscript(int exponent) {
    StringBuilder text = new StringBuilder(exponent < 0 ? "⁻" : "");
    for (char digit : Integer.toString(Math.abs(exponent)).toCharArray()) {
      text.append(DIGITS.charAt(digit - '0'));
    }
    return text.toString();
  }

  @Override
  public Number parse(String text, ParsePosition position) {
    throw new UnsupportedOperationException("axes are written, not read");
  }
}
