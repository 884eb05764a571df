package talweg.check;

/**
 * Checks of settings where they are given. Errors name who takes the setting, the setting, the
 * expected range and what was given: {@code adam: beta1: expected a number in [0, 1), got 1.2}.
 */
public final class Require {
  private Require() {}

  /** Not null. */
  public static <T> T given(String owner, String setting, T value) {
    if (value == null) {
      throw wrong(owner, setting, "a value", null);
    }
    return value;
  }

  /** A whole number of {@code least} or more. */
  public static void atLeast(String owner, String setting, long value, long least) {
    if (value < least) {
      throw wrong(owner, setting, "at least " + least, value);
    }
  }

  /** Finite and not negative. */
  public static void notNegative(String owner, String setting, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw wrong(owner, setting, "a finite number >= 0", value);
    }
  }

  /** Finite and larger than 0. */
  public static void positive(String owner, String setting, double value) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw wrong(owner, setting, "a finite number > 0", value);
    }
  }

  /** Larger than 0, infinity included: a bound, where infinity stands for none. */
  public static void bound(String owner, String setting, double value) {
    if (!(value > 0)) {
      throw wrong(owner, setting, "a number > 0", value);
    }
  }

  /** From 0 to 1, both included. */
  public static void fraction(String owner, String setting, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw wrong(owner, setting, "a number in [0, 1]", value);
    }
  }

  /** From 0 (included) to 1 (excluded): the decay of an average, or a probability to drop. */
  public static void decay(String owner, String setting, double value) {
    if (!(value >= 0 && value < 1)) {
      throw wrong(owner, setting, "a number in [0, 1)", value);
    }
  }

  /** The error itself, for checks of other kinds. */
  public static IllegalArgumentException wrong(
      String owner, String setting, String expected, Object value) {
    return new IllegalArgumentException(
        "%s: %s: expected %s, got %s".formatted(owner, setting, expected, value));
  }
}
