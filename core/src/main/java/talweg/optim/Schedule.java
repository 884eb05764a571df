package talweg.optim;

import java.util.List;
import java.util.stream.DoubleStream;
import talweg.check.Require;

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
    public Constant {
      Require.notNegative("schedule constant", "learning rate", rate);
    }

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
      Require.notNegative("schedule cosine", "base", base);
      Require.atLeast("schedule cosine", "total", total, 1);
      Require.notNegative("schedule cosine", "min", min);
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
      Require.atLeast("schedule warmup", "steps", steps, 0);
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
        throw Require.wrong("schedule rates", "values", "at least one learning rate", values);
      }
      values.forEach(value -> Require.notNegative("schedule rates", "values", value));
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
