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

  void startEpoch() {
    epochStart = System.nanoTime();
    lastReport = epochStart;
  }

  void endEpoch() {
    epochSeconds = (System.nanoTime() - epochStart) * 1e-9;
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
    double seconds = before + (System.nanoTime() - epochStart) * 1e-9;
    return ((epoch - 1.0) * examples + doneInEpoch) / seconds;
  }

  double secondsLeft(int epoch, double shareOfEpoch) {
    double seconds = before + (System.nanoTime() - epochStart) * 1e-9;
    double share = (epoch - 1 + shareOfEpoch) / epochs;
    return seconds / share - seconds;
  }
}
