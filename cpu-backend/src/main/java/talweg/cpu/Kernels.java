package talweg.cpu;

import talweg.op.BinaryKind;
import talweg.op.FusedActivation;
import talweg.op.ReduceKind;
import talweg.op.UnaryKind;

/**
 * The inner loops for one element type of arithmetic: plain numbers, no views, no checks. Unless a
 * stride is named, operands are dense runs of n elements, each given as an array and where in it
 * the run begins. An output is either the same run as an operand or disjoint from it. An instance
 * belongs to one thread, since it may hold working memory.
 *
 * @param <A> the array type: {@code float[]} or {@code double[]}
 */
interface Kernels<A> {
  /** {@code out = kind(x)}; the constants are rounded to the element type. */
  void unary(UnaryKind kind, double p, double q, A x, int xo, A out, int oo, int n);

  /** {@code out = kind(x, y)} for a kind that is not a comparison. */
  void binary(BinaryKind kind, A x, int xo, A y, int yo, A out, int oo, int n);

  /** {@code out = kind(x, y) ? 1 : 0} for a comparison. */
  void compare(BinaryKind kind, A x, int xo, A y, int yo, byte[] out, int oo, int n);

  /** {@code out = scale * x + shift}; the constants are rounded to the element type. */
  void affine(double scale, double shift, A x, int xo, A out, int oo, int n);

  /** {@code out = g * kind'}, with the derivative taken from the activation's result y. */
  void activationGradient(FusedActivation kind, A y, int yo, A g, int go, A out, int oo, int n);

  /** {@code out += x}, each with its stride; an output stride of 0 adds one after the other. */
  void add(A x, int xo, int xs, A out, int oo, int os, int n);

  /** Adds the elements up into {@code sum[at]}; {@code lost[at]} is for what that rounds off. */
  void sum(A x, int xo, int n, double[] sum, double[] lost, int at);

  /** Adds element i to {@code sum[i]}; {@code lost[i]} is for what that rounds off. */
  void sumEach(A x, int xo, int n, double[] sum, double[] lost);

  /** {@code best[at] = } the largest (MAX) or smallest (MIN) of it and the elements; NaN wins. */
  void extreme(ReduceKind kind, A x, int xo, int n, A best, int at);

  /**
   * Position of the first largest (ARGMAX) or smallest (ARGMIN) element of a strided run; NaN wins.
   */
  int position(ReduceKind kind, A x, int xo, int xs, int n);

  /** The largest element of each window of the plane x; NaN wins. */
  void windowMaxima(WindowPlaces windows, A x, int xo, A out, int oo);

  /**
   * {@code dx += g} where a window has its first largest element, which is given as y. The plane dx
   * is 0 at first.
   */
  void windowMaximaGradient(
      WindowPlaces windows, A x, int xo, A y, int yo, A g, int go, A dx, int dxo);
}
