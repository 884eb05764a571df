package talweg.optim.schedule;

import talweg.optim.Schedule;

/**
 * Triangles between two rates (Smith 2017): {@code up} steps from {@code base} to {@code max},
 * {@code down} steps back.
 *
 * @param gamma factor per step of {@link Mode#EXP_RANGE}, not used by the others
 */
public record Cyclic(double base, double max, long up, long down, Mode mode, double gamma)
    implements Schedule {
  /** How high the triangles are. */
  public enum Mode {
    /** All reach the maximum. */
    TRIANGULAR,
    /** Each is half as high as the one before. */
    TRIANGULAR2,
    /** The height at a step is multiplied by gamma^step. */
    EXP_RANGE
  }

  public Cyclic {
    Require.notNegative("cyclic", "base", base);
    Require.notNegative("cyclic", "max", max);
    Require.atLeast("cyclic", "up", up, 1);
    Require.atLeast("cyclic", "down", down, 1);
    Require.positive("cyclic", "gamma", gamma);
  }

  @Override
  public double rate(long step) {
    long length = up + down;
    long since = step % length;
    double height = since <= up ? (double) since / up : (double) (length - since) / down;
    double scale =
        switch (mode) {
          case TRIANGULAR -> 1;
          case TRIANGULAR2 -> Math.pow(0.5, step / length);
          case EXP_RANGE -> Math.pow(gamma, step);
        };
    return base + (max - base) * height * scale;
  }
}
