/** Pictures of loss functions and of the ways that optimizers take over them. */
package talweg.landscape;
