package talweg.optim.schedule;

/**
 * What a schedule's text may leave out.
 *
 * @param base learning rate, NaN if the text has to name it
 * @param total steps that the schedule lasts, 0 if the text has to name them
 * @param stepsPerEpoch length of an epoch, 0 where there are no epochs
 */
public record ScheduleDefaults(double base, long total, long stepsPerEpoch) {
  /** The text has to name everything. */
  public static final ScheduleDefaults NONE = new ScheduleDefaults(Double.NaN, 0, 0);

  /** The same for a schedule of another length, which is at least 1 if it was known at all. */
  public ScheduleDefaults lasting(long steps) {
    return new ScheduleDefaults(base, total == 0 ? 0 : Math.max(1, steps), stepsPerEpoch);
  }

  /**
   * A number of steps: {@code 500} or {@code 500steps}, {@code 10epochs}, or {@code 5%} of all
   * steps.
   *
   * @throws IllegalArgumentException if it is none of them, or counts in a unit whose length is not
   *     known
   */
  public long steps(String text) {
    if (text.endsWith("%")) {
      return scaled(text, "%", requireKnown(total, "the number of steps", text) / 100.0);
    }
    if (text.endsWith("epochs")) {
      return scaled(text, "epochs", requireKnown(stepsPerEpoch, "the length of an epoch", text));
    }
    String number = text.endsWith("steps") ? text.substring(0, text.length() - 5) : text;
    double steps = parse(number, text);
    if (steps != Math.rint(steps)) {
      throw wrong(text);
    }
    return (long) steps;
  }

  /** As {@link #steps}, but a number without a unit counts epochs, where there are any. */
  long epochs(String text) {
    boolean plain = !text.isEmpty() && Character.isDigit(text.charAt(text.length() - 1));
    return steps(plain && stepsPerEpoch > 0 ? text + "epochs" : text);
  }

  private static long requireKnown(long length, String what, String text) {
    if (length == 0) {
      throw new IllegalArgumentException(
          "\"%s\": %s is not known here; give a number of steps, e.g. 500steps"
              .formatted(text, what));
    }
    return length;
  }

  private static long scaled(String text, String unit, double steps) {
    return Math.round(parse(text.substring(0, text.length() - unit.length()), text) * steps);
  }

  private static double parse(String number, String text) {
    try {
      double value = Double.parseDouble(number);
      if (value >= 0 && value < 1L << 53) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Reported below, with what was expected.
    }
    throw wrong(text);
  }

  private static IllegalArgumentException wrong(String text) {
    return new IllegalArgumentException(
        "expected a number of steps such as 500, 10epochs or 5%%, got \"%s\"".formatted(text));
  }
}
