package talweg.cpu;

/**
 * The inner loops of the optimizer updates for one element type. All arrays are indexed alike; the
 * scalar factors are rounded to the element type once.
 *
 * @param <A> the array type: {@code float[]} or {@code double[]}
 */
interface UpdateKernels<A> {
  /** The sum of the squares of n elements, accumulated in double. */
  double sumOfSquares(A x, int xo, int n);

  /** {@link talweg.op.FusedCall.AdamStep} on the elements from..to; vMax may be null. */
  void adam(AdamFactors factors, A w, A g, A m, A v, A vMax, int from, int to);

  /** {@link talweg.op.FusedCall.SgdStep} on the elements from..to; b may be null. */
  void sgd(SgdFactors factors, A w, A g, A b, int from, int to);
}
