package talweg.optim.schedule;

import talweg.optim.Schedule;

/** {@code base * factor^floor(step / every)}. */
public record StepDecay(double base, double factor, long every) implements Schedule {
  public StepDecay {
    Require.notNegative("step", "base", base);
    Require.notNegative("step", "factor", factor);
    Require.atLeast("step", "every", every, 1);
  }

  @Override
  public double rate(long step) {
    return base * Math.pow(factor, step / every);
  }
}
