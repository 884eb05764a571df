package talweg.optim;

/**
 * The learning rate as a function of the number of updates applied so far: {@code rate(0)} is used
 * by the first. Pure, so that rates can be computed ahead and uploaded.
 */
@FunctionalInterface
public interface Schedule {
  double rate(long step);

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
    @Override
    public double rate(long step) {
      return step < steps ? then.rate(0) * (step + 1) / steps : then.rate(step - steps);
    }
  }

  /** Rates given one by one; the last one stays. */
  static Schedule of(double... rates) {
    double[] copy = rates.clone();
    return step -> copy[(int) Math.min(step, copy.length - 1)];
  }
}
