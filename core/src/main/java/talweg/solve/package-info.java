/** Minimisers of smooth functions of one tensor, with exact derivatives. */
package talweg.solve;
