package talweg.optim.schedule;

/** Checks of schedules' settings. */
final class Require {
  private Require() {}

  static void atLeast(String schedule, String setting, long value, long least) {
    talweg.check.Require.atLeast(owner(schedule), setting, value, least);
  }

  static void notNegative(String schedule, String setting, double value) {
    talweg.check.Require.notNegative(owner(schedule), setting, value);
  }

  static void positive(String schedule, String setting, double value) {
    talweg.check.Require.positive(owner(schedule), setting, value);
  }

  static void below(String schedule, String setting, double value, double bound) {
    if (!(value < bound)) {
      throw wrong(schedule, setting, "less than " + bound, value);
    }
  }

  static IllegalArgumentException wrong(
      String schedule, String setting, String expected, Object value) {
    return talweg.check.Require.wrong(owner(schedule), setting, expected, value);
  }

  private static String owner(String schedule) {
    return "schedule " + schedule;
  }
}
