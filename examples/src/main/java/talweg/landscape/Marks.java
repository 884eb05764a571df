package talweg.landscape;

import java.util.List;
import talweg.plot.Layer;

/** Signs that several pictures share. */
final class Marks {
  private Marks() {}

  static Layer start(double[] at) {
    return new Layer.Points("start", -1, new double[] {at[0]}, new double[] {at[1]});
  }

  static Layer minima(List<double[]> minima) {
    return new Layer.Targets(
        minima.size() == 1 ? "minimum" : "minima",
        minima.stream().mapToDouble(m -> m[0]).toArray(),
        minima.stream().mapToDouble(m -> m[1]).toArray());
  }
}
