package talweg.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The loops of {@link WindowMaxima} on the Vector API, one window in each lane. Which element wins
 * is as good as random, and a branch that is predicted wrongly costs more than to look at all.
 */
final class VectorWindowMaxima {
  private static final VectorSpecies<Float> FLOATS = Lanes.FLOATS;
  private static final int STEP = FLOATS.length();

  private VectorWindowMaxima() {}

  static void of(WindowPlaces windows, float[] x, int xo, float[] out, int oo) {
    int n = windows.positions();
    int[] at = windows.at();
    int whole = FLOATS.loopBound(n);
    for (int p = 0; p < whole; p += STEP) {
      FloatVector largest = FloatVector.fromArray(FLOATS, x, xo, at, p);
      for (int i = n + p; i < at.length; i += n) {
        largest = largest.max(FloatVector.fromArray(FLOATS, x, xo, at, i));
      }
      largest.intoArray(out, oo + p);
    }
    WindowMaxima.of(windows, whole, x, xo, out, oo);
  }

  /** For windows that are disjoint: otherwise lanes would overwrite each other's sums. */
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
    int whole = FLOATS.loopBound(n);
    for (int p = 0; p < whole; p += STEP) {
      FloatVector largest = FloatVector.fromArray(FLOATS, y, yo + p);
      FloatVector slope = FloatVector.fromArray(FLOATS, g, go + p);
      VectorMask<Float> open = FLOATS.maskAll(true);
      for (int i = p; i < at.length; i += n) {
        FloatVector element = FloatVector.fromArray(FLOATS, x, xo, at, i);
        VectorMask<Float> wins =
            element.eq(largest).or(element.test(VectorOperators.IS_NAN)).and(open);
        slope.intoArray(dx, dxo, at, i, wins);
        open = open.andNot(wins);
      }
    }
    WindowMaxima.gradient(windows, whole, x, xo, y, yo, g, go, dx, dxo);
  }
}
