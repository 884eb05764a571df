package talweg.solve;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Looks for all minima of a function in a box: a method for one minimum runs from many random
 * starts. It proves nothing about minima that it did not find; more starts find more of them.
 *
 * @param method finds one minimum; it may leave the box
 * @param starts number of random starts, uniform in the box
 * @param seed of the starts: the same seed gives the same minima
 * @param distance two ends are one minimum if no element differs by more than this, relative to the
 *     largest element (at least 1)
 */
public record MultiStart(Minimizer method, int starts, long seed, double distance) {
  /** Ends are told apart to five digits. */
  private static final double DISTANCE = 1e-5;

  public MultiStart {
    if (starts < 1 || !(distance >= 0)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "multi-start: expected at least 1 start and a distance that is not negative, got %d"
                  + " and %s",
              starts,
              distance));
    }
  }

  /** The given number of starts; ends are told apart to five digits. */
  public static MultiStart of(Minimizer method, int starts, long seed) {
    return new MultiStart(method, starts, seed, DISTANCE);
  }

  /**
   * One minimum.
   *
   * @param best the lowest of the solutions that ended there
   * @param count how many starts ended there
   */
  public record Minimum(Solution best, int count) {}

  /**
   * What was found.
   *
   * @param minima the lowest first
   * @param failures solutions that did not converge
   */
  public record Result(List<Minimum> minima, List<Solution> failures) {}

  /**
   * Minimises from random starts.
   *
   * @param lower the box's lower bounds [n]
   * @param upper the box's upper bounds [n], not below the lower ones
   */
  public Result minimize(Objective objective, double[] lower, double[] upper) {
    requireBox(lower, upper);
    SplittableRandom random = new SplittableRandom(seed);
    List<Minimum> minima = new ArrayList<>();
    List<Solution> failures = new ArrayList<>();
    for (int i = 0; i < starts; i++) {
      Solution found = method.minimize(objective, draw(random, lower, upper));
      if (found.converged()) {
        add(minima, found);
      } else {
        failures.add(found);
      }
    }
    minima.sort(Comparator.comparingDouble(m -> m.best().value()));
    return new Result(List.copyOf(minima), List.copyOf(failures));
  }

  private void add(List<Minimum> minima, Solution found) {
    for (int i = 0; i < minima.size(); i++) {
      Minimum known = minima.get(i);
      if (Stopping.moved(known.best().point(), found.point()) <= distance) {
        Solution best = found.value() < known.best().value() ? found : known.best();
        minima.set(i, new Minimum(best, known.count() + 1));
        return;
      }
    }
    minima.add(new Minimum(found, 1));
  }

  private static double[] draw(SplittableRandom random, double[] lower, double[] upper) {
    double[] x = new double[lower.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = lower[i] + random.nextDouble() * (upper[i] - lower[i]);
    }
    return x;
  }

  private static void requireBox(double[] lower, double[] upper) {
    boolean fits = lower.length == upper.length;
    for (int i = 0; fits && i < lower.length; i++) {
      // Also false for NaN and for bounds whose distance overflows.
      fits = upper[i] - lower[i] >= 0 && upper[i] - lower[i] < Double.POSITIVE_INFINITY;
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "multi-start: expected finite bounds, as many lower as upper ones and none above its upper one, got %s and %s"
              .formatted(java.util.Arrays.toString(lower), java.util.Arrays.toString(upper)));
    }
  }
}
