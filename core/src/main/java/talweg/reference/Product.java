package talweg.reference;

import talweg.spi.View;

/** The matrix product {@code out = alpha * a * b + beta * out}, batched, accumulated in double. */
final class Product {
  private final double alpha;
  private final double beta;

  Product(double alpha, double beta) {
    this.alpha = alpha;
    this.beta = beta;
  }

  /** Multiplies matrices [m, k] and [k, n], one pair for each position in the leading axes. */
  void run(View a, View b, View out) {
    int[] batch = out.dims().clone();
    batch[batch.length - 2] = 1;
    batch[batch.length - 1] = 1;
    long[] offsets = {a.offset(), b.offset(), out.offset()};
    Walk walk = new Walk(batch, offsets, a.strides(), b.strides(), out.strides());
    while (walk.next()) {
      double[][] rows = matrix(a, walk.at(0));
      double[][] columns = matrix(b.transpose(), walk.at(1));
      store(rows, columns, out, walk.at(2));
    }
  }

  private void store(double[][] rows, double[][] columns, View out, long offset) {
    ReferenceBuffer target = (ReferenceBuffer) out.buffer();
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < columns.length; j++) {
        long at = offset + i * rowStride(out) + j * columnStride(out);
        double value = alpha * dot(rows[i], columns[j]);
        target.set(at, beta == 0 ? value : value + beta * target.get(at));
      }
    }
  }

  private static double dot(double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * y[i];
    }
    return sum;
  }

  private static double[][] matrix(View view, long offset) {
    ReferenceBuffer source = (ReferenceBuffer) view.buffer();
    int rank = view.rank();
    double[][] rows = new double[view.dims()[rank - 2]][view.dims()[rank - 1]];
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < rows[i].length; j++) {
        rows[i][j] = source.get(offset + i * rowStride(view) + j * columnStride(view));
      }
    }
    return rows;
  }

  private static long rowStride(View view) {
    return view.strides()[view.rank() - 2];
  }

  private static long columnStride(View view) {
    return view.strides()[view.rank() - 1];
  }
}
