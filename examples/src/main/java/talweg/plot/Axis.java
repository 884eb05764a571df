package talweg.plot;

/**
 * One axis of a figure.
 *
 * @param label with the unit, if there is one
 * @param range what is shown
 * @param scale how values are placed and numbered
 */
public record Axis(String label, Range range, Scale scale) {
  /** How values are placed on an axis, and which of them have a number. */
  public enum Scale {
    /** Equal distances are equal differences. */
    LINEAR,
    /** The same for what is counted: only whole numbers are written. */
    WHOLE,
    /** Equal distances are equal ratios; powers of ten are written. */
    LOGARITHMIC
  }

  public Axis {
    if (scale == Scale.LOGARITHMIC && range.low() <= 0) {
      throw new IllegalArgumentException(
          "axis %s: a logarithmic axis needs a range above 0, got %s".formatted(label, range));
    }
  }

  /** An axis with equal distances. */
  public static Axis linear(String label, double low, double high) {
    return linear(label, new Range(low, high));
  }

  /** An axis with equal distances. */
  public static Axis linear(String label, Range range) {
    return new Axis(label, range, Scale.LINEAR);
  }

  /** An axis for what is counted, such as epochs or steps. */
  public static Axis whole(String label, double low, double high) {
    return new Axis(label, new Range(low, high), Scale.WHOLE);
  }

  /** An axis with powers of ten at equal distances. */
  public static Axis logarithmic(String label, double low, double high) {
    return new Axis(label, new Range(low, high), Scale.LOGARITHMIC);
  }
}
