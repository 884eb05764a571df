package talweg.tensorboard;

/**
 * Which epochs of a run are written, so that an event file does not grow with their number: with a
 * known number of epochs, every so many and the last; else each one at first, and every second,
 * fourth and so on whenever their number has doubled.
 *
 * @param epochs of the whole run, or 0 if that is not known
 * @param most points that are aimed at
 */
record Thinning(int epochs, int most) {
  boolean takes(int epoch) {
    return epoch == epochs || epoch % every(epoch) == 0;
  }

  private int every(int epoch) {
    return epochs > 0
        ? Math.ceilDiv(epochs, most)
        : Math.max(1, Integer.highestOneBit((int) (2L * epoch / most)));
  }
}
