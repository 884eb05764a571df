package talweg.cpu;

import talweg.tensor.DType;

/**
 * What computes with one element type. The array type is erased, since it follows from the element
 * type of the views that are passed.
 *
 * @param gemm products that are shared out among the workers
 * @param ownGemm products for one thread, such as a worker within a task
 */
record Arithmetic(Kernels<Object> kernels, UpdateKernels<Object> updates, Gemm gemm, Gemm ownGemm) {
  static Arithmetic ofFloats(boolean vector, Workers workers) {
    return of(DType.F32, floatKernels(vector), floatUpdates(vector), new FloatGemmLoops(), workers);
  }

  private static Kernels<float[]> floatKernels(boolean vector) {
    return vector ? new VectorFloatKernels() : new ScalarFloatKernels();
  }

  private static UpdateKernels<float[]> floatUpdates(boolean vector) {
    return vector ? new VectorFloatUpdates() : new ScalarFloatUpdates();
  }

  static Arithmetic ofDoubles(boolean vector, Workers workers) {
    return of(
        DType.F64,
        new ScalarDoubleKernels(),
        new ScalarDoubleUpdates(),
        new DoubleGemmLoops(),
        workers);
  }

  @SuppressWarnings("unchecked")
  private static <A> Arithmetic of(
      DType dtype,
      Kernels<A> kernels,
      UpdateKernels<A> updates,
      GemmLoops<A> loops,
      Workers workers) {
    return new Arithmetic(
        (Kernels<Object>) kernels,
        (UpdateKernels<Object>) updates,
        MatrixProducts.of(dtype, (GemmLoops<Object>) loops, workers),
        MatrixProducts.ofOneThread(dtype, (GemmLoops<Object>) loops));
  }
}
