package talweg.cpu;

/**
 * The scalar factors of one segment's RMSProp update, see {@link talweg.op.FusedCall.RmsPropStep}.
 *
 * @param gradScale factor of the gradient
 * @param clip bound of the scaled gradient's elements
 * @param l2 L2 penalty
 * @param alpha decay of the averages
 * @param eps added to the root
 * @param momentum factor of the momentum buffer
 * @param rate learning rate
 */
record RmsPropFactors(
    double gradScale,
    double clip,
    double l2,
    double alpha,
    double eps,
    double momentum,
    double rate) {}
