package talweg.cpu;

/**
 * A strided matrix in an array: element (i, j) lies at {@code offset + i * rowStride + j *
 * columnStride}.
 */
record Matrix(Object array, int offset, int rows, int columns, int rowStride, int columnStride) {
  Matrix transpose() {
    return new Matrix(array, offset, columns, rows, columnStride, rowStride);
  }

  /** The rows {@code from} to {@code from + n - 1}. */
  Matrix rows(int from, int n) {
    return new Matrix(array, at(from, 0), n, columns, rowStride, columnStride);
  }

  /** The columns {@code from} to {@code from + n - 1}. */
  Matrix columns(int from, int n) {
    return new Matrix(array, at(0, from), rows, n, rowStride, columnStride);
  }

  /** Where element (i, j) lies. */
  int at(int i, int j) {
    return offset + i * rowStride + j * columnStride;
  }
}
