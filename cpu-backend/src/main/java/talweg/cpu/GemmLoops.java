package talweg.cpu;

/**
 * The inner loops of {@link BlockedGemm} for one element type.
 *
 * @param <A> the array type: {@code float[]} or {@code double[]}
 */
interface GemmLoops<A> {
  /**
   * Adds the product of two rows and four rows: {@code c0 += a0[k] * b0 + ... + a0[k + 3] * b3},
   * and the same for c1 and a1, on the first n elements.
   */
  void update(A c0, A c1, A a0, A a1, int k, A b0, A b1, A b2, A b3, int n);

  /** {@code c += alpha * x} on the first n elements of x and a strided run of c. */
  void addScaled(double alpha, A x, A c, int at, int stride, int n);

  /** {@code c = beta * c} on a strided run, which is not read if beta is 0. */
  void scale(double beta, A c, int at, int stride, int n);
}
