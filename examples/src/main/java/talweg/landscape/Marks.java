package talweg.landscape;

import java.util.List;
import talweg.plot.Layer;

/** Signs that several pictures share. */
final class Marks {
  private static final int CROSS = 5;

  private Marks() {}

  static Layer start(double[] at) {
    return new Layer.Points("start", -1, new double[] {at[0]}, new double[] {at[1]});
  }

  static Layer crosses(List<double[]> minima) {
    return new Layer.Points(
        minima.size() == 1 ? "minimum" : "minima",
        CROSS,
        minima.stream().mapToDouble(m -> m[0]).toArray(),
        minima.stream().mapToDouble(m -> m[1]).toArray());
  }
}
