package talweg.cuda.sim;

/** An event: when it was recorded, or in which capture. */
final class SimulatedEvent {
  private long time;
  private boolean recorded;
  private Capture capture;
  private SimulatedStream stream;

  void record(SimulatedStream where, long now) {
    stream = where;
    capture = where.capture();
    recorded = true;
    time = now;
  }

  boolean recorded() {
    return recorded;
  }

  long time() {
    return time;
  }

  /** The capture that it was recorded in, null if none. */
  Capture capture() {
    return capture;
  }

  SimulatedStream stream() {
    return stream;
  }
}
