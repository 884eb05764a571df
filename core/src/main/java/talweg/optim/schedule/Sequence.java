package talweg.optim.schedule;

import java.util.List;
import java.util.Locale;
import talweg.optim.Schedule;

/**
 * One schedule after the other; each begins with its own step 0.
 *
 * @param at first step of the second schedule, of the third, ..., ascending
 */
public record Sequence(List<Schedule> schedules, List<Long> at) implements Schedule {
  public Sequence {
    schedules = List.copyOf(schedules);
    at = List.copyOf(at);
    if (schedules.size() != at.size() + 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "schedule sequence: %d schedules need %d steps between them, got %s",
              schedules.size(),
              schedules.size() - 1,
              at));
    }
    requireAscending("sequence", at);
  }

  @Override
  public double rate(long step) {
    int i = at.size();
    while (i > 0 && step < at.get(i - 1)) {
      i--;
    }
    return schedules.get(i).rate(i == 0 ? step : step - at.get(i - 1));
  }

  @Override
  public Schedule after(double metric) {
    return new Sequence(schedules.stream().map(s -> s.after(metric)).toList(), at);
  }

  static void requireAscending(String schedule, List<Long> at) {
    for (int i = 0; i < at.size(); i++) {
      if (at.get(i) < (i == 0 ? 0 : at.get(i - 1))) {
        throw Require.wrong(schedule, "at", "steps in ascending order", at);
      }
    }
  }
}
