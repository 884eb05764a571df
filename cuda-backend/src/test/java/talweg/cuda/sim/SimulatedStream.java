package talweg.cuda.sim;

/** A stream. Work is done at once, unless it is recorded. */
final class SimulatedStream {
  private Capture capture;

  Capture capture() {
    return capture;
  }

  void capture(Capture recording) {
    this.capture = recording;
  }

  boolean capturing() {
    return capture != null;
  }
}
