package talweg.optim.schedule;

import talweg.optim.Schedule;

/**
 * Linear warm-up, then proportional to 1/sqrt(step) (Vaswani et al. 2017, section 5.3): with n = 1,
 * 2, ... the number of the update, {@code base * min(n / warmup, sqrt(warmup / n))}.
 *
 * @param base the largest rate, which update {@code warmup} uses
 */
public record InverseSqrt(double base, long warmup) implements Schedule {
  public InverseSqrt {
    Require.notNegative("inverse-sqrt", "base", base);
    Require.atLeast("inverse-sqrt", "warmup", warmup, 1);
  }

  /** The paper's own form: {@code width^-0.5 * min(n^-0.5, n * warmup^-1.5)}. */
  public static InverseSqrt ofModelWidth(int width, long warmup) {
    return new InverseSqrt(1 / Math.sqrt((double) width * warmup), warmup);
  }

  @Override
  public double rate(long step) {
    double n = step + 1.0;
    return base * Math.min(n / warmup, Math.sqrt(warmup / n));
  }
}
