package talweg.train;

/**
 * Seconds per training example that each part of a training takes.
 *
 * <p>Bringing data to the device is timed in every step of an epoch. The other parts are timed in
 * one step now and then, which runs operation by operation and waits for the device after each
 * part: steps are otherwise recorded once and replayed as a whole, without inner borders. Their sum
 * may therefore be larger than the time of a usual step.
 *
 * @param data taking a batch from the data set and handing it to the device
 * @param forward forward pass, loss and metrics
 * @param backward gradients
 * @param optimizer clipping and update
 */
public record Phases(double data, double forward, double backward, double optimizer) {
  public double sum() {
    return data + forward + backward + optimizer;
  }
}
