package talweg.train;

import java.util.Map;
import talweg.io.HostTensor;

/**
 * The best epoch so far, by the metric that is monitored.
 *
 * @param epoch its number from 1
 * @param value of the metric
 * @param weights the model's state after it
 */
public record BestEpoch(int epoch, double value, Map<String, HostTensor> weights) {}
