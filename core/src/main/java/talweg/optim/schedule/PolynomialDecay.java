package talweg.optim.schedule;

import talweg.optim.Schedule;

/** {@code base * (1 - step / total)^power}, and 0 from {@code total} on. */
public record PolynomialDecay(double base, long total, double power) implements Schedule {
  public PolynomialDecay {
    Require.notNegative("polynomial", "base", base);
    Require.atLeast("polynomial", "total", total, 1);
    Require.positive("polynomial", "power", power);
  }

  @Override
  public double rate(long step) {
    double left = (double) (total - Math.min(step, total)) / total;
    return base * Math.pow(left, power);
  }
}
