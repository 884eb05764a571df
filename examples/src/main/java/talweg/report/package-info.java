/** The page about a finished training run. */
package talweg.report;
