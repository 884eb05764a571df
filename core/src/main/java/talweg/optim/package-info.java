/** Optimizers as chains of gradient transforms, run composed or fused over one flat buffer. */
package talweg.optim;
