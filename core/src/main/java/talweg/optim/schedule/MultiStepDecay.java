package talweg.optim.schedule;

import java.util.List;
import talweg.optim.Schedule;

/**
 * {@code base * factor^n} with n the number of milestones that were reached.
 *
 * @param at milestones in ascending order; one that is named twice counts twice
 */
public record MultiStepDecay(double base, double factor, List<Long> at) implements Schedule {
  public MultiStepDecay {
    at = List.copyOf(at);
    Require.notNegative("multistep", "base", base);
    Require.notNegative("multistep", "factor", factor);
    Sequence.requireAscending("multistep", at);
  }

  @Override
  public double rate(long step) {
    return base * Math.pow(factor, at.stream().filter(milestone -> milestone <= step).count());
  }
}
