package talweg.cpu;

/** The loops of max pooling over one plane. NaN counts as the largest. */
final class WindowMaxima {
  private WindowMaxima() {}

  static void of(WindowPlaces windows, float[] x, int xo, float[] out, int oo) {
    int n = windows.positions();
    int[] at = windows.at();
    for (int p = 0; p < n; p++) {
      float largest = x[xo + at[p]];
      for (int i = n + p; i < at.length; i += n) {
        largest = Math.max(largest, x[xo + at[i]]);
      }
      out[oo + p] = largest;
    }
  }

  static void of(WindowPlaces windows, double[] x, int xo, double[] out, int oo) {
    int n = windows.positions();
    int[] at = windows.at();
    for (int p = 0; p < n; p++) {
      double largest = x[xo + at[p]];
      for (int i = n + p; i < at.length; i += n) {
        largest = Math.max(largest, x[xo + at[i]]);
      }
      out[oo + p] = largest;
    }
  }

  /**
   * Adds g to dx where a window has its first largest element.
   *
   * @param y the maxima
   */
  static void gradient(
      WindowPlaces windows,
      float[] x,
      int xo,
      float[] y,
      int yo,
      float[] g,
      int go,
      float[] dx,
      int dxo) {
    int n = windows.positions();
    int[] at = windows.at();
    for (int p = 0; p < n; p++) {
      float largest = y[yo + p];
      int i = p;
      while (x[xo + at[i]] != largest && !Float.isNaN(x[xo + at[i]])) {
        i += n;
      }
      dx[dxo + at[i]] += g[go + p];
    }
  }

  static void gradient(
      WindowPlaces windows,
      double[] x,
      int xo,
      double[] y,
      int yo,
      double[] g,
      int go,
      double[] dx,
      int dxo) {
    int n = windows.positions();
    int[] at = windows.at();
    for (int p = 0; p < n; p++) {
      double largest = y[yo + p];
      int i = p;
      while (x[xo + at[i]] != largest && !Double.isNaN(x[xo + at[i]])) {
        i += n;
      }
      dx[dxo + at[i]] += g[go + p];
    }
  }
}
