package talweg.cpu;

/**
 * The scalar factors of one segment's SGD update, see {@link talweg.op.FusedCall.SgdStep}.
 *
 * @param gradScale factor of the gradient
 * @param clip bound of the scaled gradient's elements
 * @param l2 L2 penalty
 * @param momentum factor of the momentum buffer
 * @param take factor of the gradient in the momentum buffer: 1 - dampening, or 1 at the first
 *     update
 * @param nesterov whether to look ahead
 * @param first whether the momentum buffer starts from 0
 * @param rate learning rate
 */
record SgdFactors(
    double gradScale,
    double clip,
    double l2,
    double momentum,
    double take,
    boolean nesterov,
    boolean first,
    double rate) {}
