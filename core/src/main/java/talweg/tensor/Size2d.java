package talweg.tensor;

/** Height and width: of an image, of a window, or of steps along both. */
public record Size2d(int height, int width) {
  /** The same along both axes. */
  public static Size2d of(int both) {
    return new Size2d(both, both);
  }

  public static Size2d of(int height, int width) {
    return new Size2d(height, width);
  }

  @Override
  public String toString() {
    return height + "x" + width;
  }
}
