package talweg.op;

import java.util.Arrays;
import talweg.tensor.Shape;
import talweg.tensor.Size2d;

/**
 * A window that slides over the last two axes of an image. Along each of them it moves by {@code
 * stride} from one position to the next, and its {@code kernel} elements are {@code dilation}
 * apart.
 */
public record Window2d(Size2d kernel, Size2d stride, Size2d dilation) {
  /** What one window covers, from its first to its last element. */
  public Size2d span() {
    return Size2d.of(
        (kernel.height() - 1) * dilation.height() + 1, (kernel.width() - 1) * dilation.width() + 1);
  }

  /**
   * The shape of all windows of an image that is at least as large as one: [..., height, width]
   * gives [..., positions down, positions across, kernel height, kernel width].
   */
  public Shape over(Shape image) {
    int rank = image.rank();
    Size2d span = span();
    int[] dims = Arrays.copyOf(image.dims(), rank + 2);
    assert dims[rank - 2] >= span.height() && dims[rank - 1] >= span.width() : this + " " + image;
    dims[rank - 2] = (dims[rank - 2] - span.height()) / stride.height() + 1;
    dims[rank - 1] = (dims[rank - 1] - span.width()) / stride.width() + 1;
    dims[rank] = kernel.height();
    dims[rank + 1] = kernel.width();
    return Shape.of(dims);
  }
}
