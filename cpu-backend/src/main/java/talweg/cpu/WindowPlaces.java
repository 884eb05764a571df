package talweg.cpu;

import talweg.op.Window2d;
import talweg.tensor.Size2d;

/**
 * Where the elements of all windows of a plane lie: element e of the window at position p is
 * element {@code at[e * positions + p]} of the plane. In place of elements in the padding stands
 * the window's first that is in the plane, which changes neither the largest nor the first largest.
 *
 * @param positions number of windows
 */
record WindowPlaces(int[] at, int positions) {
  static WindowPlaces of(Window2d window, Size2d padding, int height, int width) {
    Size2d kernel = window.kernel();
    Size2d stride = window.stride();
    Size2d span = window.span();
    int down = (height + 2 * padding.height() - span.height()) / stride.height() + 1;
    int across = (width + 2 * padding.width() - span.width()) / stride.width() + 1;
    int positions = down * across;
    int elements = kernel.height() * kernel.width();
    int[] at = new int[positions * elements];
    for (int p = 0; p < positions; p++) {
      int top = p / across * stride.height() - padding.height();
      int left = p % across * stride.width() - padding.width();
      int first = -1;
      for (int e = elements - 1; e >= 0; e--) {
        int row = top + e / kernel.width() * window.dilation().height();
        int column = left + e % kernel.width() * window.dilation().width();
        boolean inside = row >= 0 && row < height && column >= 0 && column < width;
        at[e * positions + p] = inside ? row * width + column : -1;
        first = inside ? at[e * positions + p] : first;
      }
      for (int e = 0; e < elements; e++) {
        int i = e * positions + p;
        at[i] = at[i] < 0 ? first : at[i];
      }
    }
    return new WindowPlaces(at, positions);
  }
}
