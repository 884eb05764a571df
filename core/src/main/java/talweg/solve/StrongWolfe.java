package talweg.solve;

/**
 * A line search for the strong Wolfe conditions: the value falls by at least {@code decrease} times
 * what the first slope promises, and the slope shrinks to at most {@code curvature} times the first
 * one. Nocedal and Wright, <i>Numerical Optimization</i>, 2nd ed., algorithms 3.5 and 3.6, with
 * cubic interpolation (3.59).
 *
 * <p>Close to a minimum the differences of values drown in rounding. Values that differ by less
 * than that count as equal, and the slopes decide, which stay exact for longer: the approximate
 * Wolfe conditions of Hager and Zhang (2005).
 *
 * @param decrease share of the promised decrease, below one half so that Newton steps pass
 * @param curvature largest ratio of slopes: 0.9 for Newton-like directions, 0.1 or less for
 *     conjugate gradients
 * @param maxEvaluations of the function, for one search
 */
record StrongWolfe(double decrease, double curvature, int maxEvaluations) {
  /** A bracket is left aside by at least this share, so that it shrinks. */
  private static final double MARGIN = 0.1;

  private static final double GROWTH = 10;

  StrongWolfe {
    if (!(decrease > 0 && decrease < 0.5 && curvature > decrease && curvature < 1)) {
      throw new IllegalArgumentException(
          "strong Wolfe conditions: expected 0 < decrease < 1/2 and decrease < curvature < 1, got decrease %s and curvature %s"
              .formatted(decrease, curvature));
    }
  }

  /** The usual search with the given ratio of slopes. */
  static StrongWolfe of(double curvature) {
    return new StrongWolfe(Math.min(1e-4, curvature / 2), curvature, 25);
  }

  /** How a search ended. */
  enum End {
    /** Both conditions hold. */
    WOLFE,
    /** The value fell enough, but no point with a small slope was found. */
    DECREASE,
    /** The value still falls at the longest step. */
    UNBOUNDED,
    /** No lower point was found. */
    NONE
  }

  /** The best point, and how it was found. */
  record Found(Trial trial, End end) {}

  /**
   * Searches along a direction of descent.
   *
   * @param from the current point, with the negative slope along {@code direction}
   * @param firstStep the step to try first
   */
  Found search(Objective objective, Trial from, double[] direction, double firstStep) {
    return new Line(objective, from, direction).bracket(firstStep);
  }

  /** Two thirds of the digits of a value are trusted: sums lose some by cancellation. */
  static double noise(Objective objective, double value) {
    double error = Math.cbrt(objective.precision());
    return error * error * Math.abs(value);
  }

  /** Where the cubic with the values and slopes of two points has its minimum; NaN if nowhere. */
  static double cubicMinimum(Trial a, Trial b) {
    double width = b.step() - a.step();
    double d1 = a.slope() + b.slope() - 3 * (b.value() - a.value()) / width;
    double d2 = Math.copySign(Math.sqrt(d1 * d1 - a.slope() * b.slope()), width);
    return b.step() - width * (b.slope() + d2 - d1) / (b.slope() - a.slope() + 2 * d2);
  }

  private final class Line {
    private final Objective objective;
    private final Trial start;
    private final double[] direction;
    private final double noise;
    private int left = maxEvaluations;

    Line(Objective objective, Trial start, double[] direction) {
      this.objective = objective;
      this.start = start;
      this.direction = direction;
      this.noise = noise(objective, start.value());
    }

    /** Lengthens the step until a minimum lies between the last two. */
    Found bracket(double firstStep) {
      Trial before = start;
      double step = firstStep;
      while (left > 0) {
        Trial next = at(step);
        if (next.value() == Double.NEGATIVE_INFINITY) {
          return new Found(before == start ? next : before, End.UNBOUNDED);
        }
        if (isTooHigh(next, before)) {
          return zoom(before, next);
        }
        if (isFlat(next)) {
          return new Found(next, End.WOLFE);
        }
        if (next.slope() >= 0) {
          return zoom(next, before);
        }
        double least = next.step() + MARGIN * (next.step() - before.step());
        double most = GROWTH * next.step();
        double ahead = minimum(before, next);
        step = ahead > next.step() ? Math.clamp(ahead, least, most) : most;
        before = next;
      }
      return new Found(before, End.UNBOUNDED);
    }

    /**
     * Narrows the interval between two points.
     *
     * @param low the lowest point so far; its slope points to the other one
     */
    private Found zoom(Trial low, Trial high) {
      double width = Double.POSITIVE_INFINITY;
      while (left > 0 && Math.nextUp(low.step()) != high.step() && low.step() != high.step()) {
        double now = Math.abs(high.step() - low.step());
        // Interpolation that hardly narrows the interval gives way to bisection.
        Trial next = at(now > 2 * width / 3 ? middle(low, high) : inside(low, high));
        width = now;
        if (isTooHigh(next, low)) {
          high = next;
          continue;
        }
        if (isFlat(next)) {
          return new Found(next, End.WOLFE);
        }
        if (next.slope() * (high.step() - low.step()) >= 0) {
          high = low;
        }
        low = next;
      }
      return low.value() < start.value()
          ? new Found(low, End.DECREASE)
          : new Found(start, End.NONE);
    }

    private Trial at(double step) {
      left--;
      double[] point = Vectors.plus(start.point(), step, direction);
      return Trial.of(step, point, objective.evaluate(point), direction);
    }

    private boolean isTooHigh(Trial next, Trial lowest) {
      double promised = start.value() + decrease * next.step() * start.slope();
      return !next.isFinite()
          || next.value() > promised + noise
          || next.value() > lowest.value() + noise;
    }

    private boolean isFlat(Trial next) {
      return Math.abs(next.slope()) <= -curvature * start.slope();
    }

    /** An estimate from both points: of the cubic, or of the slopes where the values are equal. */
    private double minimum(Trial a, Trial b) {
      if (Math.abs(a.value() - b.value()) > noise) {
        return cubicMinimum(a, b);
      }
      return b.step() - b.slope() * (b.step() - a.step()) / (b.slope() - a.slope());
    }

    private double inside(Trial low, Trial high) {
      if (!high.isFinite()) {
        return middle(low, high);
      }
      double margin = MARGIN * Math.abs(high.step() - low.step());
      double least = Math.min(low.step(), high.step()) + margin;
      double most = Math.max(low.step(), high.step()) - margin;
      double estimate = minimum(low, high);
      return Double.isFinite(estimate) ? Math.clamp(estimate, least, most) : middle(low, high);
    }

    private static double middle(Trial low, Trial high) {
      return (low.step() + high.step()) / 2;
    }
  }
}
