package talweg.optim.schedule;

/** Checks of schedules' settings. */
final class Require {
  private Require() {}

  static void atLeast(String schedule, String setting, long value, long least) {
    if (value < least) {
      throw wrong(schedule, setting, "at least " + least, value);
    }
  }

  /** Finite and not negative, as every rate and factor is. */
  static void notNegative(String schedule, String setting, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw wrong(schedule, setting, "a finite number >= 0", value);
    }
  }

  static void positive(String schedule, String setting, double value) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw wrong(schedule, setting, "a finite number > 0", value);
    }
  }

  static void below(String schedule, String setting, double value, double bound) {
    if (!(value < bound)) {
      throw wrong(schedule, setting, "less than " + bound, value);
    }
  }

  static IllegalArgumentException wrong(
      String schedule, String setting, String expected, Object value) {
    return new IllegalArgumentException(
        "schedule %s: %s: expected %s, got %s".formatted(schedule, setting, expected, value));
  }
}
