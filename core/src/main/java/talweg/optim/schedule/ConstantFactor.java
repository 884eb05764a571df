package talweg.optim.schedule;

import talweg.optim.Schedule;

/** {@code base * factor} for the first {@code total} steps, then {@code base}. */
public record ConstantFactor(double base, double factor, long total) implements Schedule {
  public ConstantFactor {
    Require.notNegative("constant-factor", "base", base);
    Require.notNegative("constant-factor", "factor", factor);
    Require.atLeast("constant-factor", "total", total, 0);
  }

  @Override
  public double rate(long step) {
    return step < total ? base * factor : base;
  }
}
