package talweg.plot;

/** What a {@link Figure} shows, from the back to the front. */
public sealed interface Layer {
  /**
   * Filled contour lines: low is saturated, high fades into the background.
   *
   * @param levels rising heights; what is above the last one keeps the background
   */
  record Heights(Surface surface, double[] levels) implements Layer {}

  /**
   * A line through points in their order.
   *
   * @param label in the legend, or empty for a line that is not explained
   * @param color number of the colour, and of the shape at its end
   * @param ends what stands at its ends
   */
  record Curve(String label, int color, double[] x, double[] y, Ends ends) implements Layer {}

  /** What a curve shows besides its line. */
  enum Ends {
    /** The line only. */
    NONE,
    /** A shape at its last point. */
    LAST,
    /** Thin dashes instead of a line. */
    DASHED
  }

  /**
   * Points.
   *
   * @param label in the legend, or empty
   * @param color number of the colour and of the shape; negative for plain ink
   */
  record Points(String label, int color, double[] x, double[] y) implements Layer {}

  /**
   * Points to be reached: marks around them, so that what is there stays visible.
   *
   * @param label in the legend, or empty
   */
  record Targets(String label, double[] x, double[] y) implements Layer {}

  /** A short text at a point, in a line's colour. */
  record Sign(String text, int color, double x, double y) implements Layer {}

  /** Words next to a point. */
  record Note(String text, double x, double y) implements Layer {}
}
