/** Checks of settings, shared by layers, optimizers and schedules. */
package talweg.check;
