package talweg.cpu;

/** The general matrix product for one element type. */
interface Gemm {
  /** {@code c = alpha * a * b + beta * c}; with beta 0 the old content of c is not read. */
  void multiply(double alpha, Matrix a, Matrix b, double beta, Matrix c);
}
