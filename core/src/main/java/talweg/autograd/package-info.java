/** The tape, the derivative of every operation, and gradients as tensors. */
package talweg.autograd;
