package talweg.cuda;

import talweg.tensor.DType;

/**
 * A product as BLAS takes it, with its constants. BLAS counts along columns; our rows are its
 * columns, so it computes the transposed product, {@code out^T = b^T a^T}: its first operand is our
 * second, its m our n, and a result's column index, along which a bias runs, is its row index.
 */
record ColumnMajor(
    int transA,
    int transB,
    int m,
    int n,
    int k,
    long lda,
    long stepA,
    long ldb,
    long stepB,
    long ldc,
    long stepC,
    int batch,
    int operandType,
    int resultType,
    int computeType) {
  /** CUBLAS_GEMM_DEFAULT. */
  static final int DEFAULT_ALGORITHM = -1;

  private static final int CUDA_R_32F = 0;
  private static final int CUDA_R_64F = 1;
  private static final int CUDA_R_16BF = 14;
  private static final int CUBLAS_COMPUTE_32F = 68;
  private static final int CUBLAS_COMPUTE_64F = 70;
  private static final int CUBLAS_COMPUTE_32F_FAST_TF32 = 77;

  static ColumnMajor of(Product.Shape s) {
    return new ColumnMajor(
        s.b().columns() ? 1 : 0,
        s.a().columns() ? 1 : 0,
        s.n(),
        s.m(),
        s.k(),
        s.b().ld(),
        s.b().step(),
        s.a().ld(),
        s.a().step(),
        s.ldOut(),
        s.stepOut(),
        s.batch(),
        type(s.operands()),
        type(s.result()),
        computeType(s));
  }

  /** Whether the leading dimensions fit cuBLAS, which takes 32 bits; cuBLASLt takes 64. */
  boolean fitsInt() {
    return lda <= Integer.MAX_VALUE && ldb <= Integer.MAX_VALUE && ldc <= Integer.MAX_VALUE;
  }

  /** Type of alpha and beta. */
  int scaleType() {
    return isDouble() ? CUDA_R_64F : CUDA_R_32F;
  }

  boolean isDouble() {
    return operandType == CUDA_R_64F;
  }

  private static int computeType(Product.Shape s) {
    if (s.operands() == DType.F64) {
      return CUBLAS_COMPUTE_64F;
    }
    return s.tf32() ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
  }

  private static int type(DType dtype) {
    return switch (dtype) {
      case F32 -> CUDA_R_32F;
      case F64 -> CUDA_R_64F;
      case BF16 -> CUDA_R_16BF;
      case I32, I64, U8 -> throw new IllegalArgumentException("no products of " + dtype);
    };
  }
}
