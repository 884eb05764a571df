package talweg.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops of {@link WindowMaxima} on the Vector API, one window in each lane. Which element wins
 * is as good as random, and a branch that is predicted wrongly costs more than to look at all. The
 * last lanes do some windows a second time rather than less than a vector.
 */
final class VectorWindowMaxima {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final VectorSpecies<Integer> INTS = FLOATS.withLanes(int.class);
  static final int STEP = FLOATS.length();

  private VectorWindowMaxima() {}

  static void of(WindowPlaces windows, float[] x, int xo, float[] out, int oo) {
    int n = windows.positions();
    if (n < STEP) {
      WindowMaxima.of(windows, x, xo, out, oo);
      return;
    }
    int[] at = windows.at();
    for (int next = 0; next < n; next += STEP) {
      int p = Math.min(next, n - STEP);
      FloatVector largest = FloatVector.fromArray(FLOATS, x, xo, at, p);
      for (int i = n + p; i < at.length; i += n) {
        largest = largest.max(FloatVector.fromArray(FLOATS, x, xo, at, i));
      }
      largest.intoArray(out, oo + p);
    }
  }

  /** Which element wins is found in vectors; it is added to one by one, as windows may overlap. */
  static void gradient(
      WindowPlaces windows,
      float[] x,
      int xo,
      float[] y,
      int yo,
      float[] g,
      int go,
      float[] dx,
      int dxo,
      int[] winners) {
    int n = windows.positions();
    if (n < STEP) {
      WindowMaxima.gradient(windows, x, xo, y, yo, g, go, dx, dxo);
      return;
    }
    int[] at = windows.at();
    int last = at.length - n;
    for (int next = 0; next < n; next += STEP) {
      int p = Math.min(next, n - STEP);
      FloatVector largest = FloatVector.fromArray(FLOATS, y, yo + p);
      IntVector winner = IntVector.fromArray(INTS, at, last + p);
      for (int i = last - n + p; i >= 0; i -= n) {
        FloatVector element = FloatVector.fromArray(FLOATS, x, xo, at, i);
        VectorMask<Float> wins = element.eq(largest).or(element.test(VectorOperators.IS_NAN));
        winner = winner.blend(IntVector.fromArray(INTS, at, i), wins.cast(INTS));
      }
      winner.intoArray(winners, 0);
      for (int lane = next - p; lane < STEP; lane++) {
        dx[dxo + winners[lane]] += g[go + p + lane];
      }
    }
  }
}
