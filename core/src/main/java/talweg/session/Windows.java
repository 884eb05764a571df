package talweg.session;

import java.util.List;
import talweg.op.Op;
import talweg.op.Window2d;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Size2d;
import talweg.tensor.Tensor;

/**
 * Convolution and pooling composed of plain operations: windows that slide over images [batch,
 * channels, height, width] are a view, what is computed from them are products and reductions.
 */
public final class Windows {
  private static final Size2d NONE = Size2d.of(0);

  private Windows() {}

  /**
   * One product per group, of the weight with a matrix that has a column for each position of the
   * window: long rows, and one product for the weight's gradient, too.
   */
  static Tensor convolution(
      Tensor x, Tensor weight, Tensor bias, Window2d window, Size2d padding, int groups) {
    Tensor windows = of(pad(x, padding, 0), window);
    int[] dims = windows.shape().dims();
    int out = weight.shape().dim(0);
    int inner = weight.shape().dim(1) * dims[4] * dims[5];
    int columns = Math.toIntExact((long) dims[0] * dims[2] * dims[3]);
    Tensor patches = windows.permute(1, 4, 5, 0, 2, 3).reshape(groups, inner, columns);
    Tensor product = weight.reshape(groups, out / groups, inner).matmul(patches);
    Tensor y = bias == null ? product : product.add(bias.reshape(groups, out / groups, 1));
    return y.reshape(out, dims[0], dims[2], dims[3]).permute(1, 0, 2, 3);
  }

  /** The largest element of each window; padding never wins. */
  static Tensor max(Tensor x, Window2d window, Size2d padding) {
    Tensor windows = of(pad(x, padding, 0), window);
    int[] dims = windows.shape().dims();
    Tensor candidates = placesFirst(windows);
    Tensor ranked = candidates;
    if (!padding.equals(NONE)) {
      // Lowest of all is the padding, also among elements of minus infinity.
      double lowest = x.dtype() == DType.F32 ? -Float.MAX_VALUE : -Double.MAX_VALUE;
      Tensor above = x.detach().clamp(lowest, Double.POSITIVE_INFINITY);
      ranked = placesFirst(of(pad(above, padding, Double.NEGATIVE_INFINITY), window));
    }
    return candidates
        .gather(0, ranked.argmax(0).unsqueeze(0))
        .reshape(dims[0], dims[1], dims[2], dims[3]);
  }

  /**
   * The mean of each window.
   *
   * @param countIncludePad whether the padding's zeros count in the mean
   */
  public static Tensor mean(Tensor x, Window2d window, Size2d padding, boolean countIncludePad) {
    Tensor sums = of(pad(x, padding, 0), window).sum(4, 5);
    if (countIncludePad || padding.equals(NONE)) {
      return sums.div((double) window.kernel().height() * window.kernel().width());
    }
    Tensor ones = x.session().full(x.dtype(), 1, x.shape().with(0, 1).with(1, 1).dims());
    return sums.div(of(pad(ones, padding, 0), window).sum(4, 5));
  }

  /** [batch, channels, positions down, positions across, kernel height, kernel width]; a view. */
  private static Tensor of(Tensor images, Window2d window) {
    return images.session().dispatcher().apply(new Op.Windows(window), images);
  }

  /** The windows' elements as [places in the window, windows]; dense. */
  private static Tensor placesFirst(Tensor windows) {
    int[] dims = windows.shape().dims();
    int places = Math.multiplyExact(dims[4], dims[5]);
    int count = Math.toIntExact(windows.size() / places);
    return windows.permute(4, 5, 0, 1, 2, 3).reshape(places, count);
  }

  private static Tensor pad(Tensor images, Size2d padding, double fill) {
    if (padding.equals(NONE)) {
      return images;
    }
    int h = padding.height();
    int w = padding.width();
    int[] dims = images.shape().dims();
    dims[2] = Math.toIntExact(dims[2] + 2L * h);
    dims[3] = Math.toIntExact(dims[3] + 2L * w);
    Op op = new Op.Unslice(List.of(0, 0, h, w), List.of(1, 1, 1, 1), Shape.of(dims), fill);
    return images.session().dispatcher().apply(op, images);
  }
}
