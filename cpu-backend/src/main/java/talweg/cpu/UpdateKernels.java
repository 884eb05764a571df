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

  /** {@link talweg.op.FusedCall.RmsPropStep} on the elements from..to; a and b may be null. */
  void rmsProp(RmsPropFactors factors, A w, A g, A s, A a, A b, int from, int to);

  /** {@link talweg.op.FusedCall.AdagradStep} on the elements from..to. */
  void adagrad(AdagradFactors factors, A w, A g, A s, int from, int to);

  /**
   * The first pass of {@link talweg.op.FusedCall.LambStep} on the elements from..to. Adds the sums
   * of squares of w and of the direction to {@code squares[at]} and {@code squares[at + 1]}, and
   * leaves the direction in u unless that is null.
   */
  void lambMoments(
      LambFactors factors, A w, A g, A m, A v, A u, int from, int to, double[] squares, int at);

  /**
   * The second pass: {@code w -= step * direction}, kept in u or, if that is null, computed again.
   */
  void lambDescend(LambFactors factors, double step, A w, A m, A v, A u, int from, int to);
}
