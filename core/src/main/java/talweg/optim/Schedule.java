package talweg.optim;

import java.util.List;
import java.util.stream.DoubleStream;

/**
 * The learning rate as a function of the number of updates applied so far: {@code rate(0)} is used
 * by the first. Pure, so that rates can be computed ahead and uploaded. Package {@code
 * talweg.optim.schedule} has more of them, and their text form.
 */
@FunctionalInterface
public interface Schedule {
  double rate(long step);

  /**
   * The schedule that holds after a metric was reported, as the trainer does after each epoch. Most
   * schedules do not care; a plateau may lower its rate.
   */
  default Schedule after(double metric) {
    return this;
  }

  /** The rates of the first {@code steps} updates. */
  default double[] rates(int steps) {
    double[] rates = new double[steps];
    for (int step = 0; step < steps; step++) {
      rates[step] = rate(step);
    }
    return rates;
  }

  /** The same rate throughout. */
  record Constant(double rate) implements Schedule {
    @Override
    public double rate(long step) {
      return rate;
    }
  }

  /**
   * Cosine annealing (Loshchilov and Hutter 2017): {@code min + (base - min) (1 + cos(pi step /
   * total)) / 2}. As in PyTorch the rate rises again after {@code total} steps.
   */
  record Cosine(double base, long total, double min) implements Schedule {
    public Cosine {
      if (total < 1) {
        throw new IllegalArgumentException(
            "cosine schedule: needs at least one step, got " + total);
      }
    }

    @Override
    public double rate(long step) {
      return min + (base - min) * (1 + Math.cos(Math.PI * step / total)) / 2;
    }
  }

  /**
   * Linear warm-up: the first {@code steps} updates use 1/steps, 2/steps, ... of what {@code then}
   * starts with.
   */
  record Warmup(long steps, Schedule then) implements Schedule {
    public Warmup {
      if (steps < 0) {
        throw new IllegalArgumentException("warm-up: needs 0 steps or more, got " + steps);
      }
    }

    @Override
    public double rate(long step) {
      return step < steps ? then.rate(0) * (step + 1) / steps : then.rate(step - steps);
    }

    @Override
    public Schedule after(double metric) {
      return new Warmup(steps, then.after(metric));
    }
  }

  /** Rates given one by one; the last one stays. */
  record Rates(List<Double> values) implements Schedule {
    public Rates {
      values = List.copyOf(values);
      if (values.isEmpty()) {
        throw new IllegalArgumentException("list of rates: needs at least one");
      }
    }

    @Override
    public double rate(long step) {
      return values.get((int) Math.min(step, values.size() - 1));
    }
  }

  /** {@link Rates} given one by one; the last one stays. */
  static Schedule of(double... rates) {
    return new Rates(DoubleStream.of(rates).boxed().toList());
  }
}
