package talweg.optim.schedule;

import java.util.List;
import talweg.optim.Schedule;

/** The product of the rates of several schedules: one gives the rate, the others factors of it. */
public record Product(List<Schedule> schedules) implements Schedule {
  public Product {
    schedules = List.copyOf(schedules);
    if (schedules.isEmpty()) {
      throw new IllegalArgumentException("schedule product: needs at least one schedule");
    }
  }

  @Override
  public double rate(long step) {
    double product = 1;
    for (Schedule schedule : schedules) {
      product *= schedule.rate(step);
    }
    return product;
  }

  @Override
  public Schedule after(double metric) {
    return new Product(schedules.stream().map(s -> s.after(metric)).toList());
  }
}
