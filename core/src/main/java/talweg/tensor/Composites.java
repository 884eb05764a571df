package talweg.tensor;

import java.util.Arrays;
import talweg.error.ShapeException;
import talweg.op.BinaryKind;

/**
 * Tensor methods that are defined by other tensor methods, and so need neither a backend's help nor
 * a gradient rule.
 */
final class Composites {
  private Composites() {}

  /**
   * Shifted by the maximum, which cancels exactly and so is treated as a constant. Where the
   * maximum is infinite no shift is needed, and subtracting it would give NaN.
   */
  static Tensor logSumExp(Tensor x, boolean keepDim, int... axes) {
    Tensor shift = finiteMax(x, axes);
    Tensor sum = x.sub(shift).exp().sum(keepDim, axes);
    Tensor flatShift = keepDim ? shift : shift.reshape(sum.shape().dims());
    return sum.log().add(flatShift);
  }

  static Tensor softmax(Tensor x, int axis) {
    Tensor e = x.sub(finiteMax(x, axis)).exp();
    return e.div(e.sum(true, axis));
  }

  static Tensor logSoftmax(Tensor x, int axis) {
    Tensor shifted = x.sub(finiteMax(x, axis));
    return shifted.sub(shifted.exp().sum(true, axis).log());
  }

  static Tensor variance(Tensor x, int correction, boolean keepDim, int... axes) {
    Tensor squares = x.sub(x.mean(true, axes)).square().sum(keepDim, axes);
    double n = (double) x.size() / squares.size();
    return squares.mul(1 / Math.max(0, n - correction));
  }

  static Tensor indexSelect(Tensor x, int axis, Tensor index) {
    int normal = x.shape().axis(axis);
    if (!index.dtype().isIndex()) {
      throw Checks.index("indexSelect", index);
    }
    if (index.size() > Integer.MAX_VALUE) {
      throw new ShapeException("indexSelect: index of shape " + index.shape() + " is too large");
    }
    // As a gather whose index repeats (stride 0) along all other axes: backends see whole slices.
    int[] ones = new int[x.rank()];
    Arrays.fill(ones, 1);
    ones[normal] = (int) index.size();
    int[] expanded = x.shape().with(normal, (int) index.size()).dims();
    Tensor out = x.gather(normal, index.reshape(ones).expand(expanded));
    if (index.rank() == 1) {
      return out;
    }
    int[] dims = new int[x.rank() - 1 + index.rank()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] =
          i < normal
              ? x.shape().dim(i)
              : i < normal + index.rank()
                  ? index.shape().dim(i - normal)
                  : x.shape().dim(i - index.rank() + 1);
    }
    return out.reshape(dims);
  }

  private static Tensor finiteMax(Tensor x, int... axes) {
    Tensor max = x.detach().max(true, axes);
    Tensor infinite = max.abs().compare(BinaryKind.EQ, Double.POSITIVE_INFINITY);
    return infinite.where(max.session().scalar(max.dtype(), 0), max);
  }
}
