package talweg.cpu;

/**
 * The scalar factors of one segment's Adagrad update, see {@link talweg.op.FusedCall.AdagradStep}.
 *
 * @param gradScale factor of the gradient
 * @param clip bound of the scaled gradient's elements
 * @param l2 L2 penalty
 * @param eps added to the root
 * @param rate learning rate, decayed
 */
record AdagradFactors(double gradScale, double clip, double l2, double eps, double rate) {}
