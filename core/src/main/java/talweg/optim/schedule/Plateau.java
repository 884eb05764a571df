package talweg.optim.schedule;

import talweg.optim.Schedule;

/**
 * Lowers the rate when a metric has stopped getting better, as PyTorch's ReduceLROnPlateau. The
 * rate does not depend on the step but on the metrics that were reported: {@link #after} gives the
 * schedule that follows. The whole state is in the record, so its text form is enough to resume.
 *
 * @param rate the rate now
 * @param goal whether a smaller or a larger metric is better
 * @param factor of a reduction
 * @param patience reports without improvement that are borne; the next one lowers the rate
 * @param threshold what an improvement must exceed
 * @param relative whether the threshold is a share of the best metric, which then has to be
 *     positive, rather than a difference to it
 * @param cooldown reports after a reduction that are not counted as bad
 * @param min the rate is not lowered beyond it
 * @param eps reductions that are not larger are left out
 * @param bad reports without improvement so far
 * @param cooling reports of the cooldown that are left
 * @param best metric so far
 */
public record Plateau(
    double rate,
    Goal goal,
    double factor,
    int patience,
    double threshold,
    boolean relative,
    int cooldown,
    double min,
    double eps,
    int bad,
    int cooling,
    double best)
    implements Schedule {
  /** Which metrics are better. */
  public enum Goal {
    /** Smaller ones, such as losses. */
    MIN,
    /** Larger ones, such as accuracies. */
    MAX;

    /** A metric that every other one improves on. */
    public double worst() {
      return this == MIN ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
    }
  }

  public Plateau {
    Require.notNegative("plateau", "base", rate);
    Require.notNegative("plateau", "factor", factor);
    Require.below("plateau", "factor", factor, 1);
    Require.atLeast("plateau", "patience", patience, 0);
    Require.notNegative("plateau", "threshold", threshold);
    Require.atLeast("plateau", "cooldown", cooldown, 0);
    Require.notNegative("plateau", "min", min);
    Require.notNegative("plateau", "eps", eps);
    Require.atLeast("plateau", "bad", bad, 0);
    Require.atLeast("plateau", "cooling", cooling, 0);
    if (Double.isNaN(best)) {
      throw Require.wrong("plateau", "best", "a number", best);
    }
  }

  /** A plateau of a loss before the first report, with PyTorch's constants. */
  public static Plateau of(double rate, double factor, int patience) {
    return new Plateau(
        rate, Goal.MIN, factor, patience, 1e-4, true, 0, 0, 1e-8, 0, 0, Goal.MIN.worst());
  }

  @Override
  public double rate(long step) {
    return rate;
  }

  @Override
  public Plateau after(double metric) {
    boolean better = isBetter(metric);
    double nextBest = better ? metric : best;
    if (cooling > 0) {
      return with(rate, 0, cooling - 1, nextBest);
    }
    int nextBad = better ? 0 : (int) Math.min(bad + 1L, Integer.MAX_VALUE);
    return nextBad > patience
        ? with(lowered(), 0, cooldown, nextBest)
        : with(rate, nextBad, 0, nextBest);
  }

  /** Strictly better than the best by more than the threshold; never for NaN. */
  private boolean isBetter(double metric) {
    return switch (goal) {
      case MIN -> metric < (relative ? best * (1 - threshold) : best - threshold);
      case MAX -> metric > (relative ? best * (1 + threshold) : best + threshold);
    };
  }

  private double lowered() {
    double next = Math.max(rate * factor, min);
    return rate - next > eps ? next : rate;
  }

  private Plateau with(double newRate, int newBad, int newCooling, double newBest) {
    return new Plateau(
        newRate,
        goal,
        factor,
        patience,
        threshold,
        relative,
        cooldown,
        min,
        eps,
        newBad,
        newCooling,
        newBest);
  }
}
