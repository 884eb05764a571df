package talweg.landscape;

import java.util.List;

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
