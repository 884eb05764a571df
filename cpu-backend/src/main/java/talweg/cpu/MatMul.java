package talweg.cpu;

import java.util.Arrays;
import talweg.spi.View;
import talweg.tensor.DType;

/** Batched matrix products of views: brings each pair of operands to a {@link Gemm}. */
final class MatMul {
  private final Scratch scratch = new Scratch(2);
  private final Casts casts;

  MatMul(Casts casts) {
    this.casts = casts;
  }

  /**
   * {@code out = alpha * a * b + beta * out} over the last two axes, for each position in the
   * leading axes.
   */
  void run(Gemm gemm, double alpha, double beta, View a, View b, View out) {
    int[] batch = out.dims().clone();
    Arrays.fill(batch, batch.length - 2, batch.length, 1);
    int[] offsets = {CpuBuffer.offset(out), CpuBuffer.offset(a), CpuBuffer.offset(b)};
    Layout layout = new Layout(batch, offsets, out.strides(), a.strides(), b.strides());
    for (Rows products = new Rows(layout, 0); products.next(); ) {
      Matrix left = operand(a, products.at(1), 0);
      Matrix right = operand(b, products.at(2), 1);
      gemm.multiply(alpha, left, right, beta, matrix(out, products.at(0)));
    }
  }

  private Matrix operand(View view, int offset, int slot) {
    Matrix matrix = matrix(view, offset);
    return view.dtype() == DType.BF16 ? widened(matrix, slot) : matrix;
  }

  private static Matrix matrix(View view, int offset) {
    int rank = view.rank();
    return new Matrix(
        CpuBuffer.array(view),
        offset,
        view.dims()[rank - 2],
        view.dims()[rank - 1],
        (int) view.strides()[rank - 2],
        (int) view.strides()[rank - 1]);
  }

  /** A dense F32 copy of a BF16 matrix. */
  private Matrix widened(Matrix matrix, int slot) {
    if (Math.abs(matrix.columnStride()) > Math.abs(matrix.rowStride())) {
      return widened(matrix.transpose(), slot).transpose();
    }
    int columns = matrix.columns();
    int size = Math.toIntExact((long) matrix.rows() * columns);
    Object narrow = scratch.array(DType.BF16, slot, columns);
    Object wide = scratch.array(DType.F32, slot, size);
    for (int i = 0; i < matrix.rows(); i++) {
      Moves.copy(
          DType.BF16,
          matrix.array(),
          matrix.at(i, 0),
          matrix.columnStride(),
          narrow,
          0,
          1,
          columns);
      casts.convert(DType.BF16, narrow, 0, DType.F32, wide, i * columns, columns);
    }
    return new Matrix(wide, 0, matrix.rows(), columns, columns, 1);
  }
}
