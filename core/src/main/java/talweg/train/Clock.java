package talweg.train;

/** Training time, without evaluations. */
final class Clock {
  /** Seconds between two progress reports, each of which waits for the device. */
  private static final double REPORT_INTERVAL = 0.1;

  private final int examples;
  private final int epochs;
  private long epochStart;
  private long lastReport;
  private double before;
  private double epochSeconds;
  private int epochsDone;

  Clock(int examples, int epochs) {
    this.examples = examples;
    this.epochs = epochs;
  }

  /** Goes on from a training that took so many seconds for whole epochs before. */
  void resume(double seconds, int epochs) {
    before = seconds;
    epochsDone = epochs;
  }

  /**
   * Starts an epoch.
   *
   * @param already seconds that were spent in it before
   */
  void startEpoch(double already) {
    lastReport = System.nanoTime();
    epochStart = lastReport - (long) (already * 1e9);
  }

  /** Seconds in the epoch that is running. */
  double secondsInEpoch() {
    return (System.nanoTime() - epochStart) * 1e-9;
  }

  void endEpoch() {
    epochSeconds = secondsInEpoch();
    before += epochSeconds;
    epochsDone++;
  }

  boolean reportDue() {
    long now = System.nanoTime();
    if ((now - lastReport) * 1e-9 < REPORT_INTERVAL) {
      return false;
    }
    lastReport = now;
    return true;
  }

  double epochSeconds() {
    return epochSeconds;
  }

  double totalSeconds() {
    return before;
  }

  double samplesPerSecond() {
    return before == 0 ? 0 : (double) examples * epochsDone / before;
  }

  double samplesPerSecond(int epoch, long doneInEpoch) {
    double seconds = before + secondsInEpoch();
    return ((epoch - 1.0) * examples + doneInEpoch) / seconds;
  }

  double secondsLeft(int epoch, double shareOfEpoch) {
    double seconds = before + secondsInEpoch();
    double share = (epoch - 1 + shareOfEpoch) / epochs;
    return seconds / share - seconds;
  }
}
