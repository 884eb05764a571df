package talweg.landscape;

import java.util.List;
import talweg.plot.Range;

/**
 * The way of a search: the start and the points after each step.
 *
 * @param points {x, y} each
 * @param values of the function there; the last one may be infinite or NaN
 */
public record Trajectory(List<double[]> points, List<Double> values) {
  public Trajectory {
    points = List.copyOf(points);
    values = List.copyOf(values);
  }

  /**
   * The way up to the first point that is far outside of a picture, which is the last one kept: a
   * search that diverges soon has coordinates that cannot be drawn.
   */
  Trajectory within(Range x, Range y) {
    int n = 1;
    while (n < points.size() && !isFar(points.get(n - 1), x, y)) {
      n++;
    }
    return new Trajectory(points.subList(0, n), values.subList(0, n));
  }

  private static boolean isFar(double[] point, Range x, Range y) {
    return !wide(x).contains(point[0]) || !wide(y).contains(point[1]);
  }

  private static Range wide(Range range) {
    double width = range.high() - range.low();
    return new Range(range.low() - width, range.high() + width);
  }

  /** Number of steps taken. */
  public int steps() {
    return points.size() - 1;
  }

  /** The first coordinates. */
  public double[] x() {
    return points.stream().mapToDouble(p -> p[0]).toArray();
  }

  /** The second coordinates. */
  public double[] y() {
    return points.stream().mapToDouble(p -> p[1]).toArray();
  }

  /** The value at the end. */
  public double last() {
    return values.getLast();
  }
}
