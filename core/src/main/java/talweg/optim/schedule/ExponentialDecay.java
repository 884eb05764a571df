package talweg.optim.schedule;

import talweg.optim.Schedule;

/** {@code base * factor^(step / every)}: smooth, by the factor once in {@code every} steps. */
public record ExponentialDecay(double base, double factor, long every) implements Schedule {
  public ExponentialDecay {
    Require.notNegative("exponential", "base", base);
    Require.positive("exponential", "factor", factor);
    Require.atLeast("exponential", "every", every, 1);
  }

  @Override
  public double rate(long step) {
    return base * Math.pow(factor, (double) step / every);
  }
}
