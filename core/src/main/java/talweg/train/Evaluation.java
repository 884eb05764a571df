package talweg.train;

/**
 * Mean loss over a data set, and the share of right answers.
 *
 * @param accuracy 0 to 1, NaN where there are no classes
 */
public record Evaluation(double loss, double accuracy) {}
