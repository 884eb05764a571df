package talweg.optim.schedule;

import talweg.optim.Schedule;

/**
 * From {@code base * start} to {@code base * end} in {@code total} equal steps, then {@code base *
 * end}.
 */
public record LinearRamp(double base, double start, double end, long total) implements Schedule {
  public LinearRamp {
    Require.notNegative("linear", "base", base);
    Require.notNegative("linear", "start", start);
    Require.notNegative("linear", "end", end);
    Require.atLeast("linear", "total", total, 1);
  }

  @Override
  public double rate(long step) {
    double share = (double) Math.min(step, total) / total;
    return base * (start + (end - start) * share);
  }
}
