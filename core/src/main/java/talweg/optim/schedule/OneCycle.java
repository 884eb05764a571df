package talweg.optim.schedule;

import talweg.optim.Schedule;

/**
 * One cycle (Smith and Topin 2019): up from {@code max / div} to {@code max}, then down to {@code
 * max / (div * finalDiv)}, which is the rate of step {@code total - 1} and of all behind it. As in
 * PyTorch the maximum is at step {@code peak * total - 1}, which need not be a whole number.
 *
 * @param peak share of the steps that go up, between 0 and 1
 * @param threePhases go down to the first rate as long as up, and only then to the last one
 */
public record OneCycle(
    double max,
    long total,
    double peak,
    double div,
    double finalDiv,
    Anneal anneal,
    boolean threePhases)
    implements Schedule {
  /** The curve between two rates. */
  public enum Anneal {
    /** Half a cosine wave. */
    COS,
    /** A straight line. */
    LINEAR;

    double between(double from, double to, double share) {
      return this == LINEAR
          ? from + (to - from) * share
          : to + (from - to) / 2 * (1 + Math.cos(Math.PI * share));
    }
  }

  public OneCycle {
    Require.notNegative("one-cycle", "max", max);
    Require.atLeast("one-cycle", "total", total, 1);
    Require.positive("one-cycle", "div", div);
    Require.positive("one-cycle", "final-div", finalDiv);
    Require.positive("one-cycle", "peak", peak);
    Require.below("one-cycle", "peak", peak, 1);
    if (threePhases && peak > 0.5) {
      throw Require.wrong("one-cycle", "peak", "at most 0.5 with three phases", peak);
    }
  }

  @Override
  public double rate(long step) {
    double first = max / div;
    double last = first / finalDiv;
    double top = peak * total - 1;
    double t = Math.min(step, total - 1);
    if (t < top) {
      return anneal.between(first, max, t / top);
    }
    if (!threePhases) {
      return anneal.between(max, last, (t - top) / (total - 1 - top));
    }
    double back = 2 * top;
    return t < back
        ? anneal.between(max, first, (t - top) / top)
        : anneal.between(first, last, (t - back) / (total - 1 - back));
  }
}
