/**
 * Minimisers of smooth functions of a vector: first order, quasi-Newton and Newton methods, and
 * several starts for functions with several minima.
 */
package talweg.solve;
