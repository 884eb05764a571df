package talweg.cpu;

/**
 * The scalar factors of one segment's Adam update, see {@link talweg.op.FusedCall.AdamStep}.
 *
 * @param gradScale factor of the gradient
 * @param clip bound of the scaled gradient's elements
 * @param l2 L2 penalty
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param shrink factor of the weights: 1 - rate * decay
 * @param stepSize rate / (1 - beta1^t)
 * @param rootScale 1 / sqrt(1 - beta2^t)
 * @param eps added to the root
 */
record AdamFactors(
    double gradScale,
    double clip,
    double l2,
    double beta1,
    double beta2,
    double shrink,
    double stepSize,
    double rootScale,
    double eps) {}
