package talweg.cuda.sim;

/** An event: the place in a stream, or in a capture, where it was recorded last. */
final class SimulatedEvent {
  /** One recording of an event. */
  static final class Mark {
    private final SimulatedStream stream;
    private final Capture capture;
    private boolean reached;
    private long time;

    private Mark(SimulatedStream stream) {
      this.stream = stream;
      this.capture = stream.capture();
    }

    /** The stream has come so far. */
    void reach() {
      reached = true;
      time = System.nanoTime();
    }

    boolean reached() {
      return reached;
    }

    long time() {
      return time;
    }

    SimulatedStream stream() {
      return stream;
    }

    /** Whether it belongs to a capture that is still under way. */
    boolean captured() {
      return capture != null && capture == stream.capture();
    }
  }

  private Mark mark;

  Mark record(SimulatedStream stream) {
    mark = new Mark(stream);
    return mark;
  }

  /** Null before the first recording. */
  Mark mark() {
    return mark;
  }
}
