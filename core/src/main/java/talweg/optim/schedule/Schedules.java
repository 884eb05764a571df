package talweg.optim.schedule;

import talweg.optim.Schedule;

/**
 * The text form of schedules: {@code cosine:base=0.1,total=100,min=0}, and with schedules inside
 * {@code warmup:steps=500(cosine:base=0.1,total=9500,min=0)} or {@code sequence:at=10/20(A;B;C)}.
 * See {@link ScheduleKind} for names and settings.
 *
 * <p>Periods count steps; {@code 10epochs} and {@code 5%} are understood where the length of an
 * epoch or of the whole is known. In the settings {@code every}, {@code first} and the milestones
 * of {@code multistep} a number without a unit counts epochs, where there are any.
 */
public final class Schedules {
  private Schedules() {}

  /**
   * The schedule of a text that names everything.
   *
   * @throws IllegalArgumentException saying what was expected
   */
  public static Schedule parse(String text) {
    return parse(text, ScheduleDefaults.NONE);
  }

  /**
   * The schedule of a text that may leave something out.
   *
   * @throws IllegalArgumentException saying what was expected
   */
  public static Schedule parse(String text, ScheduleDefaults defaults) {
    return ScheduleReader.read(ScheduleText.parse(text), defaults);
  }

  /**
   * The text of a schedule, complete, so that {@link #parse(String)} gives an equal one.
   *
   * @throws IllegalArgumentException if it is none of {@link ScheduleKind}, for example a lambda
   */
  public static String format(Schedule schedule) {
    return ScheduleWriter.write(schedule).toString();
  }
}
