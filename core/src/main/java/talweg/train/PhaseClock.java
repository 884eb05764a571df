package talweg.train;

import talweg.session.Session;

/** Measures {@link Phases}. */
final class PhaseClock {
  /** Steps from one timed step to the next, at least: so the waiting costs little. */
  private static final int INTERVAL = 8;

  private final Session session;
  private int sinceSample;
  private boolean sampling;
  private long last;
  private double data;
  private long dataExamples;
  private double forward;
  private double backward;
  private double optimizer = Double.NaN;

  PhaseClock(Session session) {
    this.session = session;
  }

  void startEpoch() {
    data = 0;
    dataExamples = 0;
  }

  /**
   * Adds time since {@code start} in which data were brought.
   *
   * @param examples that came, 0 if they were counted before
   */
  void addData(long start, int examples) {
    data += (System.nanoTime() - start) * 1e-9;
    dataExamples += examples;
    sinceSample += examples > 0 ? 1 : 0;
  }

  /**
   * Whether to time the step in the middle of an epoch. Not where memory is tight: a step that is
   * not replayed takes more of it.
   */
  boolean wantsSample(int batch, int batches) {
    return batch == batches / 2 && sinceSample >= INTERVAL && !session.memory().tight();
  }

  void beginSample() {
    sampling = true;
    sinceSample = 0;
    session.synchronize();
    last = System.nanoTime();
  }

  /** The sampled step's forward pass is over, if there is one. */
  void forwardDone(int examples) {
    if (sampling) {
      forward = lap() / examples;
    }
  }

  void backwardDone(int examples) {
    if (sampling) {
      backward = lap() / examples;
    }
  }

  /** The update begins: right after the backward pass, or after those of further batches. */
  void startOptimizer() {
    if (sampling) {
      session.synchronize();
      last = System.nanoTime();
    }
  }

  void optimizerDone(long examples) {
    if (sampling) {
      optimizer = lap() / examples;
      sampling = false;
    }
  }

  /** The latest figures, or null while no step was timed. */
  Phases phases() {
    return Double.isNaN(optimizer)
        ? null
        : new Phases(data / Math.max(1, dataExamples), forward, backward, optimizer);
  }

  private double lap() {
    session.synchronize();
    long now = System.nanoTime();
    double seconds = (now - last) * 1e-9;
    last = now;
    return seconds;
  }
}
