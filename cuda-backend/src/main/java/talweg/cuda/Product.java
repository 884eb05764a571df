package talweg.cuda;

import talweg.tensor.DType;

/**
 * A product of two matrices in device memory, or one for each matrix of a batch: {@code out = alpha
 * * a * b + beta * out}, with out [m, n] = a [m, k] times b [k, n] and rows of out dense.
 *
 * @param shape all that the choice of an algorithm depends on
 * @param a addresses of the first matrices' first elements
 */
record Product(Shape shape, long a, long b, long out, double alpha, double beta) {
  /**
   * How an operand lies in memory.
   *
   * @param columns false: element (i, j) lies at {@code i * ld + j}; true: at {@code i + j * ld}
   * @param ld distance of neighbouring rows or columns, in elements
   * @param step distance of neighbouring matrices of a batch, 0 where all are the same
   */
  record Layout(boolean columns, long ld, long step) {
    /** That of a single matrix. */
    Layout alone() {
      return new Layout(columns, ld, 0);
    }
  }

  /**
   * What products that one algorithm computes have in common.
   *
   * @param operands F32, F64 or BF16
   * @param result F32 for BF16, else as the operands
   * @param tf32 whether F32 operands may be rounded to TF32
   * @param alignment of all addresses, in bytes: a power of two
   */
  record Shape(
      DType operands,
      DType result,
      boolean tf32,
      int m,
      int n,
      int k,
      Layout a,
      Layout b,
      long ldOut,
      long stepOut,
      int batch,
      int alignment) {}

  /** The same for the matrices from number {@code first} on, {@code count} of them. */
  Product part(int first, int count) {
    Shape s = shape;
    long step = s.operands.bytes();
    Shape part =
        new Shape(
            s.operands,
            s.result,
            s.tf32,
            s.m,
            s.n,
            s.k,
            s.a,
            s.b,
            s.ldOut,
            s.stepOut,
            count,
            s.alignment);
    return new Product(
        part,
        a + first * s.a.step * step,
        b + first * s.b.step * step,
        out + first * s.stepOut * s.result.bytes(),
        alpha,
        beta);
  }

  /**
   * What else a product does.
   *
   * @param bias address of a vector that is read or written, 0 for none
   */
  record Epilogue(Kind kind, long bias) {
    static final Epilogue NONE = new Epilogue(Kind.NONE, 0);

    enum Kind {
      NONE,
      /** Each element becomes {@code element + bias[column]}. */
      BIAS,
      /** Each element becomes {@code relu(element + bias[column])}. */
      BIAS_RELU,
      /** {@code bias[row]} becomes the sum of that row of a: beta does not apply to it. */
      BIAS_GRADIENT
    }
  }
}
