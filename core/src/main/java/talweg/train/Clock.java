package talweg.train;

/** Training time, without evaluations. */
final class Clock {
  /** Seconds between two progress reports, each of which waits for the device. */
  private static final double REPORT_INTERVAL = 0.1;

  private final int examples;
  private final int epochs;
  private final Speed speed = new Speed();
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

  /** Takes in how far the running epoch is. */
  void mark(int epoch, long doneInEpoch) {
    speed.mark(before + secondsInEpoch(), (epoch - 1.0) * examples + doneInEpoch);
  }

  /** Over the last seconds up to the last {@link #mark}; NaN before the second one. */
  double recentSamplesPerSecond() {
    return speed.samplesPerSecond();
  }

  /** Of the whole training at that speed; NaN in its first second. */
  double secondsLeft() {
    return speed.secondsUntil((double) epochs * examples);
  }
}
