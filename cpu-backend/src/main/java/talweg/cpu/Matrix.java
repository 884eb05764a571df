package talweg.cpu;

/**
 * A strided matrix in an array: element (i, j) lies at {@code offset + i * rowStride + j *
 * columnStride}.
 */
record Matrix(Object array, int offset, int rows, int columns, int rowStride, int columnStride) {
  Matrix transpose() {
    return new Matrix(array, offset, columns, rows, columnStride, rowStride);
  }

  /** Where element (i, j) lies. */
  int at(int i, int j) {
    return offset + i * rowStride + j * columnStride;
  }
}
