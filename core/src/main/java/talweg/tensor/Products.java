package talweg.tensor;

import java.util.Arrays;
import talweg.error.DTypeException;
import talweg.error.ShapeException;
import talweg.op.Op;

/** Matrix products: checks, vectors as operands, and shared right-hand sides. */
final class Products {
  private Products() {}

  static Tensor matmul(Tensor a, Tensor b, boolean transA, boolean transB) {
    if (a.dtype() != b.dtype() || !(a.dtype().isArithmetic() || a.dtype() == DType.BF16)) {
      throw new DTypeException(
          "matmul: needs two operands of one type out of F32, F64 and BF16, got %s and %s; convert one with to(DType)"
              .formatted(a, b));
    }
    if (a.rank() == 0 || b.rank() == 0) {
      throw new ShapeException(
          "matmul: needs at least one axis on both sides, got %s x %s; multiply by a scalar with mul()"
              .formatted(a.shape(), b.shape()));
    }
    if (a.rank() == 1 || b.rank() == 1) {
      return withVectors(a, b, transA, transB);
    }
    int inner = a.shape().dim(transA ? -2 : -1);
    if (inner != b.shape().dim(transB ? -1 : -2)) {
      throw new ShapeException(
          "matmul: inner dimensions differ: %s x %s"
              .formatted(describe(a.shape(), transA), describe(b.shape(), transB)));
    }
    Op op = new Op.MatMul(transA, transB);
    if (a.rank() > 2 && b.rank() == 2 && !transA && a.view().isContiguous()) {
      // One product with all leading rows stacked: the gradient of b is then a single product, too.
      int[] dims = a.shape().dims();
      Tensor rows = a.reshape(-1, inner);
      dims[dims.length - 1] = b.shape().dim(transB ? -2 : -1);
      return a.session().dispatcher().apply(op, rows, b).reshape(dims);
    }
    return a.session().dispatcher().apply(op, a, b);
  }

  private static Tensor withVectors(Tensor a, Tensor b, boolean transA, boolean transB) {
    Tensor left = a.rank() == 1 ? a.reshape(1, -1) : a;
    Tensor right = b.rank() == 1 ? b.reshape(-1, 1) : b;
    Tensor out = matmul(left, right, transA && a.rank() > 1, transB && b.rank() > 1);
    int[] dims = out.shape().dims();
    int keep = dims.length - (a.rank() == 1 ? 1 : 0) - (b.rank() == 1 ? 1 : 0);
    int[] next = Arrays.copyOf(dims, keep);
    if (a.rank() == 1 && b.rank() > 1) {
      next[keep - 1] = dims[dims.length - 1];
    }
    return out.reshape(next);
  }

  private static String describe(Shape shape, boolean transposed) {
    return shape + (transposed ? " (transposed)" : "");
  }
}
