/**
 * Learning-rate schedules, and the text form that the command line, checkpoints and reports share.
 */
package talweg.optim.schedule;
