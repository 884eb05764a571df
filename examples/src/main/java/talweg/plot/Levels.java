package talweg.plot;

import java.util.Arrays;

/** Heights at which contour lines are drawn. */
public final class Levels {
  private Levels() {}

  /**
   * {@code n} heights between a surface's lowest and highest value whose distances grow by a
   * constant factor from the lowest value upwards: dense in the valley, sparse on the slopes. The
   * whole spans {@code decades} powers of ten.
   */
  public static double[] logarithmic(Surface surface, int n, double decades) {
    double min = surface.min();
    double height = surface.max() - min;
    double[] levels = new double[n];
    for (int i = 0; i < n; i++) {
      levels[i] = min + height * Math.pow(10, -decades * (n - i) / n);
    }
    return height > 0 ? levels : Arrays.copyOf(levels, 0);
  }
}
