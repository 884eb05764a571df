package talweg.cpu;

import talweg.tensor.DType;

/**
 * What computes with one element type. The array type is erased, since it follows from the element
 * type of the views that are passed.
 */
record Arithmetic(Kernels<Object> kernels, UpdateKernels<Object> updates, Gemm gemm) {
  static Arithmetic ofFloats() {
    return of(DType.F32, new ScalarFloatKernels(), new ScalarFloatUpdates(), new FloatGemmLoops());
  }

  static Arithmetic ofDoubles() {
    return of(
        DType.F64, new ScalarDoubleKernels(), new ScalarDoubleUpdates(), new DoubleGemmLoops());
  }

  @SuppressWarnings("unchecked")
  private static <A> Arithmetic of(
      DType dtype, Kernels<A> kernels, UpdateKernels<A> updates, GemmLoops<A> loops) {
    return new Arithmetic(
        (Kernels<Object>) kernels,
        (UpdateKernels<Object>) updates,
        new BlockedGemm(dtype, (GemmLoops<Object>) loops));
  }
}
