package talweg.plot;

/**
 * One axis of a figure.
 *
 * @param label with the unit, if there is one
 * @param range what is shown
 * @param logarithmic whether equal distances are equal ratios
 */
public record Axis(String label, Range range, boolean logarithmic) {
  public Axis {
    if (logarithmic && range.low() <= 0) {
      throw new IllegalArgumentException(
          "axis %s: a logarithmic axis needs a range above 0, got %s".formatted(label, range));
    }
  }

  /** An axis with equal distances. */
  public static Axis linear(String label, double low, double high) {
    return new Axis(label, new Range(low, high), false);
  }

  /** An axis with powers of ten at equal distances. */
  public static Axis logarithmic(String label, double low, double high) {
    return new Axis(label, new Range(low, high), true);
  }
}
