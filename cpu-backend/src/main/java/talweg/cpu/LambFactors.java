package talweg.cpu;

/**
 * The scalar factors of one segment's LAMB update, see {@link talweg.op.FusedCall.LambStep}.
 *
 * @param gradScale factor of the gradient
 * @param clip bound of the scaled gradient's elements
 * @param l2 L2 penalty
 * @param beta1 decay of the first moment
 * @param take1 factor of the gradient in the first moment
 * @param beta2 decay of the second moment
 * @param meanScale 1 / (1 - beta1^t), or 1
 * @param rootScale 1 / sqrt(1 - beta2^t), or 1
 * @param eps added to the root
 * @param decay factor of the weights in the direction
 */
record LambFactors(
    double gradScale,
    double clip,
    double l2,
    double beta1,
    double take1,
    double beta2,
    double meanScale,
    double rootScale,
    double eps,
    double decay) {}
