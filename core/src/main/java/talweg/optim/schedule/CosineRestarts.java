package talweg.optim.schedule;

import talweg.optim.Schedule;

/**
 * Cosine annealing with warm restarts (Loshchilov and Hutter 2017): a cosine from {@code base} down
 * to {@code min} over {@code first} steps, then again over {@code first * mult}, and so on.
 */
public record CosineRestarts(double base, long first, long mult, double min) implements Schedule {
  public CosineRestarts {
    Require.notNegative("cosine-restarts", "base", base);
    Require.atLeast("cosine-restarts", "first", first, 1);
    Require.atLeast("cosine-restarts", "mult", mult, 1);
    Require.notNegative("cosine-restarts", "min", min);
  }

  @Override
  public double rate(long step) {
    return at(step);
  }

  /** The rate at a position between steps, for schedules that count in fractions of an epoch. */
  public double at(double position) {
    double since = position;
    long length = first;
    if (mult == 1) {
      since %= first;
    } else {
      // Cycles are counted off rather than found by a logarithm, which rounds at the restarts.
      while (since >= length) {
        since -= length;
        length = length > Long.MAX_VALUE / mult ? Long.MAX_VALUE : length * mult;
      }
    }
    return min + (base - min) * (1 + Math.cos(Math.PI * since / length)) / 2;
  }
}
